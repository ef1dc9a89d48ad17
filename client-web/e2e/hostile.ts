// What strangers may write where others read it. Whatever runs of it calls fired().

/** Twenty characters at most, so that they can be names. */
export const hostileNames = [
  '<svg/onload=fired()>',
  '<b onclick=fired()>b',
  '<!--<img/src=x>',
  '</b></li><i>x',
  '"onmouseover=fired()',
  "'-fired('quote')-'",
  '`\x24{fired()}`',
  '{{fired()}}',
  '&lt;b&gt;&#x3c;i&#62;',
  '%3Csvg%20onload%3E',
  '\\u003cimg src=x\\x3e',
  '__proto__',
  'constructor',
  'toString',
  'javascript:fired()',
  '"]}],"x":"\\"',
  '=1+1;"a","b"',
  ']]></style>',
  '*/ fired() /*',
  'a\u202egnp.exe',
  'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301',
  'x\u2028y\u2029z',
  '\u200b\ufeff\u00ad',
  'a\u0000b\u001b[31mc',
];

/** Longer ones, for chat and for whatever has no bound of its own. */
export const hostileLines = [
  "<script>fired('script')</script>",
  "</title><script>fired('title')</script>",
  "</script><script>fired('script end')</script>",
  '<img src=x onerror="fired(\'img\')">',
  '"><img src=x onerror=fired()>',
  "<svg><animate onbegin=fired('animate') attributeName=x dur=1s>",
  '<svg><a xlink:href="javascript:fired()"><text y=20>x</text></a></svg>',
  '<math><mi xlink:href="javascript:fired(\'math\')">x</mi></math>',
  '<iframe srcdoc="<script>parent.fired()</script>"></iframe>',
  '<object data="data:text/html,<script>parent.fired()</script>"></object>',
  '<link rel=stylesheet href="data:text/css,*{display:none}">',
  "<style>@import 'https://evil.example/x.css';body{background:url(https://evil.example/x)}</style>",
  '<div style="background:url(javascript:fired());width:expression(fired())">',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:fired()">',
  "<details open ontoggle=fired('details')><summary>x</summary></details>",
  '<noscript><p title="</noscript><img src=x onerror=fired(\'mutation\')>">',
  'data:text/html,<script>fired()</script>',
  '" autofocus onfocus=fired(\'focus\') x="',
  '\x24{fired()} #{fired()} <%= fired() %> {{constructor.constructor("fired()")()}}',
  '{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=fired()>"},"__proto__":{"x":1}}',
];

/** All of them, and what is only long. */
export const hostile = [
  ...hostileNames,
  ...hostileLines,
  'W'.repeat(5000),
  `Z${'\u0335\u0321\u031b'.repeat(200)}`,
];
