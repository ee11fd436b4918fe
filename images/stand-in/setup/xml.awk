# From XML to one line a fact: PATH <tab> VALUE for elements with a text, PATH@ATTRIBUTE <tab> VALUE. In a path stands
# behind an element's name what names it among its like: [pass], [name], or [n] for the n-th that is added to a list.
# What is not well-formed, or more than an answer file needs (comments, CDATA), ends it: `error` <tab> REASON, exit 1.
#
#     awk -f xml.awk FILE

BEGIN { RS = "<"; depth = 0 }

function fail(reason) { print "error\t" reason; failed = 1; exit 1 }

function decoded(text) {
  if (text ~ /&/ && text ~ /&([^lgqa]|l[^t]|g[^t]|q[^u]|a[^mp])/) fail("an entity that is not known in '" text "'")
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

# Where the tag ends: the first > outside of quotation marks.
function tagEnd(text,   at, quote, sign) {
  for (at = 1; at <= length(text); at++) {
    sign = substr(text, at, 1)
    if (quote != "") { if (sign == quote) quote = "" }
    else if (sign == "\"" || sign == "'") quote = sign
    else if (sign == ">") return at
  }
  return 0
}

function path(   at, joined) {
  for (at = 1; at <= depth; at++) joined = joined "/" open[at]
  return joined
}

# attributes["name"] of a tag without its < and >.
function readAttributes(tag,   name, quote, end) {
  split("", attributes)
  sub(/^[^ \t\r\n\/]+/, "", tag)
  while (match(tag, /^[ \t\r\n]+[A-Za-z:]+=["']/)) {
    name = substr(tag, 1, RLENGTH - 2); gsub(/[ \t\r\n]/, "", name)
    quote = substr(tag, RLENGTH, 1)
    tag = substr(tag, RLENGTH + 1)
    end = index(tag, quote)
    if (end == 0) fail("an attribute without an end")
    attributes[name] = decoded(substr(tag, 1, end - 1))
    tag = substr(tag, end + 1)
  }
  if (tag !~ /^[ \t\r\n]*$/) fail("a tag with '" tag "'")
}

function begin(tag,   name, label, key, here) {
  name = tag; sub(/[ \t\r\n].*/, "", name)
  if (name !~ /^[A-Za-z][A-Za-z0-9:._-]*$/) fail("a tag '" tag "'")
  if (depth == 0 && roots++ > 0) fail("a second root '" name "'")
  readAttributes(tag)
  here = path()
  label = name
  if ("pass" in attributes) label = name "[" attributes["pass"] "]"
  else if ("name" in attributes) label = name "[" attributes["name"] "]"
  else if ("wcm:action" in attributes) label = name "[" ++added[here, name] "]"
  if (seen[here "/" label]++) fail(here "/" label " stands there twice")
  open[++depth] = label
  names[depth] = name
  for (key in attributes) print path() "@" key "\t" attributes[key]
  texts[depth] = ""
  parents[depth] = 0
  if (depth > 1) parents[depth - 1] = 1
}

function end(name) {
  if (depth == 0 || names[depth] != name) fail("</" name "> where " (depth ? "</" names[depth] ">" : "nothing") " has to end")
  if (!parents[depth]) print path() "\t" decoded(texts[depth])
  depth--
}

NR == 1 { if ($0 !~ /^(\357\273\277)?[ \t\r\n]*$/) fail("it does not begin with a tag"); next }
{
  stop = tagEnd($0)
  if (stop == 0) fail("a tag without an end: '" substr($0, 1, 40) "'")
  tag = substr($0, 1, stop - 1)
  text = substr($0, stop + 1)
  if (tag ~ /^\?/) { if (NR != 2) fail("a declaration that is not at the begin"); next }
  if (tag ~ /^!/) fail("a comment, CDATA or document type, which the stand-in does not read")
  if (tag ~ /^\//) { sub(/^\//, "", tag); sub(/[ \t\r\n]+$/, "", tag); end(tag) }
  else if (tag ~ /\/$/) { sub(/\/$/, "", tag); name = tag; sub(/[ \t\r\n].*/, "", name); begin(tag); end(name) }
  else { begin(tag); texts[depth] = text; text = "" }
  if (text ~ /[^ \t\r\n]/) fail("text between elements: '" text "'")
}
END { if (!failed && depth > 0) { print "error\tit ends inside of " path(); exit 1 } if (!failed && !roots) { print "error\tit is empty"; exit 1 } }
