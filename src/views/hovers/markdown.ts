import * as vscode from 'vscode';
import { visible } from '../../util/text';
import type { HoverPart } from './hoverParts';

/** Longer texts say no more in a hover. */
const LIMIT = 2000;

/**
 * Draws a hover. All text is appended as text, HTML is never allowed, and only the commands that this very hover offers
 * can run: nothing that a container says can become a link, an icon or a command.
 */
export function toMarkdown(parts: readonly HoverPart[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', false);
  markdown.supportHtml = false;
  const commands = new Set<string>();
  parts.forEach((part, index) => {
    append(markdown, part, commands);
    // Links stand beside each other: a hover is low, and what comes after them counts more.
    if (part.kind === 'link') markdown.appendMarkdown(parts[index + 1]?.kind === 'link' ? '\u2003' : '\n\n');
  });
  if (commands.size > 0) markdown.isTrusted = { enabledCommands: [...commands] };
  return markdown;
}

function append(markdown: vscode.MarkdownString, part: HoverPart, commands: Set<string>): void {
  switch (part.kind) {
    case 'title':
      markdown.appendMarkdown('**').appendText(oneLine(part.text)).appendMarkdown('**\n\n');
      return;
    case 'text':
      markdown.appendText(visible(part.text, LIMIT)).appendMarkdown('\n\n');
      return;
    case 'pair':
      markdown.appendMarkdown('*').appendText(oneLine(part.label)).appendMarkdown('*: ');
      markdown.appendText(oneLine(part.value)).appendMarkdown('\n\n');
      return;
    case 'command':
      markdown.appendCodeblock(visible(part.text, LIMIT), 'sh');
      return;
    case 'line':
      markdown.appendMarkdown('\n\n---\n\n');
      return;
    case 'link':
      // Links come from our own explanations; what is not https is none of them.
      if (!/^https:\/\/[\w.~:/?#@!$&'*+,;=%-]+$/.test(part.url)) return;
      markdown.appendMarkdown('[').appendText(oneLine(part.label)).appendMarkdown(`](${part.url})`);
      return;
    case 'action': {
      const argument = encodeURIComponent(JSON.stringify([part.argument]));
      commands.add(part.command);
      markdown
        .appendMarkdown('[')
        .appendText(oneLine(part.label))
        // An em space keeps neighbours apart; ordinary blanks would run together.
        .appendMarkdown(`](command:${part.command}?${argument})\u2003`);
      return;
    }
  }
}

function oneLine(text: string): string {
  return visible(text, LIMIT);
}
