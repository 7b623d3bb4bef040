/*
 * Texts that try to be code: wherever one is shown as anything but text, it sets `window.hostile` or asks for an address
 * that the test listens on. None has a NUL or half a surrogate pair, which no command line can give to an engine.
 */

/** More than 400 of them. `address` is the beginning of an http URL. */
export function hostileTexts(address: string): string[] {
  let count = 0;
  const url = (): string => `${address}/${count++}`;
  return CARRIERS.flatMap((carry) => [...html(url), ...markdown(url), ...OTHERS].map(carry));
}

const SCRIPT = 'window.hostile=1';

const CARRIERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `"${text}"`,
  (text) => `'>${text}`,
  (text) => `</script></style></textarea>-->]]>${text}`,
  (text) => `one\n\n${text}\r\ntwo`,
  (text) => `\`\`\`\n${text}`,
  (text) => text.toUpperCase().replaceAll('WINDOW.HOSTILE', 'window.hostile'),
  (text) => `\u202e${text}\u2066\u200b`,
];

function html(url: () => string): string[] {
  return [
    `<img src=x onerror=${SCRIPT}>`,
    `<img src="${url()}">`,
    `<script>${SCRIPT}</script>`,
    `<script src="${url()}"></script>`,
    `<iframe srcdoc="<script>parent.${SCRIPT}</script>"></iframe>`,
    `<iframe src="${url()}"></iframe>`,
    `<svg onload=${SCRIPT}></svg>`,
    `<svg><script>${SCRIPT}</script></svg>`,
    `<svg><image href="${url()}"/></svg>`,
    `<math><mtext><table><mglyph><style><img src=x onerror=${SCRIPT}>`,
    `<a href="javascript:${SCRIPT}" autofocus tabindex=1 onfocus=${SCRIPT}>x</a>`,
    `<style>@import url(${url()});</style>`,
    `<link rel=stylesheet href="${url()}">`,
    `<object data="${url()}"></object>`,
    `<embed src="${url()}">`,
    `<video src="${url()}" onerror=${SCRIPT}></video>`,
    `<details open ontoggle=${SCRIPT}>x</details>`,
    `<input autofocus onfocus=${SCRIPT}>`,
    `<base href="${url()}">`,
    `<meta http-equiv=refresh content="0;url=${url()}">`,
    `<template><img src=x onerror=${SCRIPT}></template>`,
    `" onmouseover=${SCRIPT} x="`,
    `}*{background:url(${url()})}`,
  ];
}

function markdown(url: () => string): string[] {
  return [
    `![x](${url()})`,
    `[x](${url()} "title")`,
    '[run](command:workbench.action.reloadWindow)',
    '<command:workbench.action.closeWindow>',
    `[x](javascript:${SCRIPT})`,
    `[x][y]\n\n[y]: ${url()}`,
    '$(zap) $(sync~spin)',
    '**bold** _it_ ~~no~~ `code`',
    '# heading\n\n---\n\n| a | b |\n| - | - |',
    '<span style="color:#f00">x</span>',
  ];
}

const OTHERS: readonly string[] = [
  '\u001b]0;title\u0007\u001b[2J\u001b[31mred',
  '\u001b]8;;http://localhost/\u0007link\u001b]8;;\u0007',
  '\u001b]52;c;aGk=\u0007',
  '\u001b]633;E;reboot\u0007',
  '\u0008\u0008\u0008\u007f',
  'p\u0430ypal \u200b\u200d\ufeff\u00ad',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u0301\u0301\u0301',
  '__proto__',
  'constructor',
  'toString',
  '{"__proto__":{"hostile":1}}',
  '${window.hostile=1}',
  '{{constructor.constructor("window.hostile=1")()}}',
  '{0} {1} %s %n',
  '$(touch /tmp/hostile) `id` "; rm -rf / #\'',
  '../../../../etc/passwd',
  'file:///etc/passwd',
  'vscode://file/etc/passwd',
  'x'.repeat(3_000),
  '\\u{202e} \\x1b[31m',
];
