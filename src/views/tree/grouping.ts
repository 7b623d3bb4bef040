/** The two ways to see the same things: layer by layer, or each container from top to bottom. */
export type Grouping = 'layer' | 'container';
