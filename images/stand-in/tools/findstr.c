/* findstr.exe [/i] [/r] PATTERN: of the lines on stdin those that match. In PATTERN: signs, . and *. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define MAX_LINE 4096

static bool SameSign(char sign, char pattern, bool any_case)
{
    return pattern == '.' || sign == pattern ||
           (any_case && tolower((unsigned char)sign) == tolower((unsigned char)pattern));
}

static bool MatchesHere(const char *text, const char *pattern, bool any_case)
{
    if (*pattern == 0) {
        return true;
    }
    if (pattern[1] == '*') {
        for (;; text++) {
            if (MatchesHere(text, pattern + 2, any_case)) {
                return true;
            }
            if (*text == 0 || !SameSign(*text, *pattern, any_case)) {
                return false;
            }
        }
    }
    return *text != 0 && SameSign(*text, *pattern, any_case) && MatchesHere(text + 1, pattern + 1, any_case);
}

int Tool(int count, char **arguments)
{
    static char line[MAX_LINE];
    bool any_case = false, found = false;
    int at = 0;

    for (; at < count && arguments[at][0] == '/'; at++) {
        if (Is(arguments[at], "/i")) {
            any_case = true;
        } else if (!Is(arguments[at], "/r")) {
            break;
        }
    }
    if (at != count - 1 || strpbrk(arguments[at], "[]^$\\ ") != NULL) {
        RefuseArguments(count, arguments);
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        for (const char *from = line; *from != 0; from++) {
            if (MatchesHere(from, arguments[at], any_case)) {
                found = true;
                fputs(line, stdout);
                break;
            }
        }
    }
    return found ? 0 : 1;
}
