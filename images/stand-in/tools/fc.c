/* fc.exe /b FILE FILE: 0 the same, 1 different, 2 one is not there. */
#include <stdio.h>

#include "tool.h"

int Tool(int count, char **arguments)
{
    FILE *files[2];
    int first, second, result = 0;

    if (count != 3 || !Is(arguments[0], "/b")) {
        return RefuseArguments(count, arguments);
    }
    for (int i = 0; i < 2; i++) {
        files[i] = fopen(arguments[1 + i], "rb");
        if (files[i] == NULL) {
            Refuse("cannot open %s", arguments[1 + i]);
            return 2;
        }
    }
    do {
        first = getc(files[0]);
        second = getc(files[1]);
        result = first != second;
    } while (result == 0 && first != EOF);
    printf(result == 0 ? "FC: no differences encountered\n" : "FC: the files differ\n");
    return result;
}
