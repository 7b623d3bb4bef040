// Collects every text that users may see from the sources, as keys of the translation: what is put together of parts has
// {0}, {1}… where the parts go, and {n} where a number goes.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from './run.mjs';

/** Properties whose strings are no words: commands to copy, addresses, names of styles. */
const NO_WORDS = new Set(['check', 'how', 'url', 'class', 'command', 'curl', 'icon', 'kind', 'code', 'key', 'show']);
/** Calls whose strings are no words for users: names of documents, of styles, errors of programmers. */
const NO_TEXT_CALLS =
  /^(spec|man|kernelDoc|cgroupV2|issue|doc|RegExp|Error|TypeError|RangeError|UnreadableMessage|pasteLine|ctrLine|dockerode|console\.\w+|log\.\w+|this\.log\.\w+)$/;
/** Calls that count things: what is counted, and its plural. */
const COUNTS = { counted: 1, countOf: 0, limitOf: 0 };

/** Folders whose strings are all prose for users, if they look like it. */
const PROSE_FOLDERS = ['src/explain'];
/** Single words and sentences that are put together in the sources, so that no string of them says them whole. */
const PUT_TOGETHER = [
  'User 0: root. Without a user namespace it is the host’s root, held back by capabilities and other means.',
  'Group 0: root. Without a user namespace it is the host’s root, held back by capabilities and other means.',
  'User {0}. It need not have a name in the container.',
  'Group {0}. It need not have a name in the container.',
  'Weight {0}: {1} shares by runc before 1.3.2 and crun before 1.23, {2} shares by newer ones. 100 is the default.',
  'The most memory in huge pages of {0} that may be used.',
  'The most memory in huge pages of {0} that may be reserved.',
  'Memory in huge pages of {0} that is in use.',
  'Memory in huge pages of {0} that is reserved.',
  'Docker Engine API v{0}',
  '{n} thing needs attention',
  '{n} things need attention',
  '{n} thing left over',
  '{n} things left over',
  '{n} part of the story is on this machine now',
  '{n} parts of the story are on this machine now',
  '{n} part of the story was on that machine then',
  '{n} parts of the story were on that machine then',
  'Allowed: {0} ({1})',
  'Refused: {0} ({1})',
  'character devices {0}',
  'block devices {0}',
  'all devices {0}',
  'read only',
  'write only',
  'make only',
  'read, write',
  'read, make',
  'write, make',
  'read, write, make',
  '{0} rule for {1} system call',
  '{0} rule for {1} system calls',
  '{0} rules for {1} system calls',
  '{0} rules for {1} system call',
  '{n} capability: {0}',
  '{n} capabilities: {0}',
  '{0} ({n} bytes)',
  '{0} per second',
  '{n} operations',
  'its own ({0})',
  'the host’s ({0})',
  'a filter',
  'a terminal',
  'read-only',
  'writable',
  '{n} path: {0}',
  '{n} paths: {0}',
  '{0} ends it or is handled by it',
  'the process ignores {0}',
  'PID 1 without a handler: the kernel drops {0}',
  'Clients',
  // Groups of settings.
  ...['Memory', 'CPU', 'Disk', 'Devices', 'Privileges', 'Files', 'Runtime'],
  'differs',
  'unreadable',
  'unset',
];

/** Folders in which only what is given to `l10n.t` is for users. */
const CALL_FOLDERS = ['src/views', 'src/commands', 'src/host', 'media'];
/** Folders whose prose reaches users as the words of facts, findings and problems. */
const FACT_FOLDERS = ['src/model', 'src/store', 'src/adapters', 'src/views/panels'];
/** What they write for others than our own views stays English: commands to paste, exported files, and a table of the docs. */
const WRITTEN_FOR_OTHERS =
  /src\/(explain\/spec\/places|model\/(apiCalls\/(replay|copies|paste|dockerFlags)|trace\/(svg|mermaid|har)))\.ts$/;

/** Titles of pages: the protocol names them, the pages and their panels show them. */
const PAGE_TITLES = [
  ...['OCI Config', 'Shim', 'Cgroups', 'API Calls', 'Runtime Chain', 'Lineage', 'Birth'],
  ...['How Did We Get Here', 'Dockershim Check', 'Shim Doctor', 'Compare', 'What the Explorer Costs'],
];

/** What the pages themselves say: the host gives them the translations of these. */
export function collectPageTexts() {
  const texts = new Set(PAGE_TITLES);
  for (const file of filesIn('media')) collectCalls(sourceOf(file), (text) => texts.add(text));
  return [...texts].sort();
}

/**
 * All texts, each with the file that it was found in first, in the order of the folders above.
 * @returns {Map<string, string>} the English text, and the path of its file from the root of the project
 */
export function collectTexts() {
  const texts = new Map([...PUT_TOGETHER, ...PAGE_TITLES].map((text) => [text, 'src/explain']));
  for (const [folders, collect] of [
    [CALL_FOLDERS, collectCalls],
    [PROSE_FOLDERS, collectProse],
    [FACT_FOLDERS, collectProse],
  ]) {
    for (const file of folders.flatMap(filesIn)) {
      collect(sourceOf(file), (text) => {
        if (!texts.has(text)) texts.set(text, relative(ROOT, file));
      });
    }
  }
  return texts;
}

function sourceOf(file) {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

function filesIn(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !WRITTEN_FOR_OTHERS.test(file))
    .sort();
}

/** The first argument of each `l10n.t(…)`. */
function collectCalls(source, add) {
  visit(source, (node) => {
    if (ts.isCallExpression(node)) addCounted(node, add);
    if (!ts.isCallExpression(node) || !/(^|\.)l10n\.t$/.test(node.expression.getText(source))) return;
    const [first] = node.arguments;
    for (const text of first ? textsOf(first) : []) add(text);
  });
}

/** Strings that read like prose, wherever they are, unless their place says that they are none. */
function collectProse(source, add) {
  visit(source, (node) => {
    if (ts.isCallExpression(node)) addCounted(node, add);
    const text = textOf(node);
    if (text === undefined || !looksLikeProse(text) || isNoText(node, source)) return;
    add(text.trim());
  });
}

function addCounted(call, add) {
  const index = COUNTS[call.expression.getText()];
  const [one, many] = index === undefined ? [] : call.arguments.slice(index);
  if (!one || !ts.isStringLiteral(one)) return;
  add(`{n} ${one.text}`);
  add(`{n} ${many && ts.isStringLiteral(many) ? many.text : `${one.text}s`}`);
}

/** The alternatives of a conditional are texts of their own. */
function textsOf(node) {
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  const text = textOf(node);
  return text === undefined ? [] : [text];
}

function textOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((span, index) => `{${index}}${span.literal.text}`).join('');
}

/** Commands and keys that a variable holds, and names that files of the kernel give: no words of ours. */
const NO_PROSE = new RegExp(
  [
    '^(containerd-namespace: |POST |GET |DELETE |HEAD |cat |ps |pgrep |ls |sudo |kubectl |tr |find |grep |printf |journalctl |crictl )',
    '^(stat |readlink |nsenter |findmnt |accTitle:|participant |Note over |codicon |-o |kill -l|findmnt |default-src |<)',
    '^(Docker|Podman|Kubernetes) API GET ',
    '^(Max [a-z ]+|Bearer \\{0\\}|Basic \\{0\\}|skip plugin|docker context ls)$',
    '^(containerd|docker|log|process|gap|pid-reused|inode) \\{0\\}([: ]\\{1\\}|$)',
    '^(img|style|font)-src |^(image|reader)=|^\\{0\\} (cp|rm|\\{1\\} (of|attention|instead))|^LABEL |^map entry$|^application/',
    '^\\{0\\}( of the story|/stat btime| left over$)',
  ].join('|'),
);

/** Two words that follow each other, or one with a full stop; beside placeholders there must be a word too. */
function looksLikeProse(text) {
  if (NO_PROSE.test(text) || !/[A-Za-z]{3}/.test(text.replace(/\{\d+\}/g, ''))) return false;
  if (/^[a-z]+:\/\/|^[-/]|\\u|^\S+\/\S+$/.test(text)) return false;
  return /[A-Za-z’]{2,}[,;:]? [“‘(]?[A-Za-z0-9{]|[}\d)] [“‘(]?[a-z]{2,}|^[A-Z][a-z]+\.$/.test(text);
}

function isNoText(node, source) {
  for (let { parent } = node, child = node; parent; child = parent, parent = parent.parent) {
    if (ts.isImportDeclaration(parent) || ts.isLiteralTypeNode(parent) || ts.isTypeNode(parent)) return true;
    if (ts.isElementAccessExpression(parent)) return true;
    if (ts.isPropertyAssignment(parent)) {
      // The name of a property may be quoted: it is no text itself.
      if (parent.name === child) return true;
      if (NO_WORDS.has(parent.name.getText(source))) return true;
    }
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      if (NO_TEXT_CALLS.test(parent.expression.getText(source))) return true;
    }
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken)
      return true;
    if (ts.isFunctionDeclaration(parent) || ts.isMethodDeclaration(parent)) return false;
  }
  return false;
}

function visit(node, action) {
  action(node);
  ts.forEachChild(node, (child) => visit(child, action));
}
