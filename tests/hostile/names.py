"""Names of connections that mean something to a terminal, a shell, HCL, JSON, a path, a filter, or a reader's eyes."""

NAMES = [
    "control \x01\x02\x1f\x7f characters",
    "\x1b[31mred\x1b[0m",
    "tab\tand\nnew\r\nlines",
    "\u202eright to left\u202c",
    "\u2028line\u2029paragraph\u0085next",
    "\u200bzero\u200dwidth\ufeff",
    "${path.module} $${x} %{if true}x%{endif} %%{y}",
    "$(reboot) `reboot` ; reboot & | > < * ? ~ !",
    'it\'s "quoted" \\ and \\\\ more',
    "' or value.name != '",
    "../../etc/passwd",
    "a/b?c=d&e#f %2F%00",
    "<script>alert(1)</script>",
    "{{ jinja }} {0} %s %(x)s",
    "   spaces around   ",
    "\U0001f517\U0001d54f 接続 Zürich עברית",
    "x" * 100,
    "\U0001f517" * 100,
]
"""Each is 3 to 100 characters, has no colon, and is in normal form C, which Terraform gives to every text."""
