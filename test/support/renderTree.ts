import type { Elements, Element } from '../../src/views/tree/elements';

/** Draws all rows as text, so that a whole tree can be compared at once. What is below a container is drawn once only. */
export async function renderTree(
  elements: Elements,
  parent?: Element,
  depth = 0,
  drawn = new Set<string>(),
): Promise<string> {
  let text = '';
  for (const element of await elements.children(parent)) {
    const { label, description, icon, children, subject } = element.node;
    const mark = children ? '▸' : '·';
    text += `${'  '.repeat(depth)}${mark} [${icon.id}] ${label}${description ? ` — ${description}` : ''}\n`;
    if (subject.kind === 'container' && children?.when === 'inspected') {
      if (drawn.has(subject.containerId)) continue;
      drawn.add(subject.containerId);
    }
    text += await renderTree(elements, element, depth + 1, drawn);
  }
  return text;
}
