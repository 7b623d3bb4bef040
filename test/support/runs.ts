/** How many random cases a property is tried on: ten times as many in `npm run test:long`. */
export function runs(short: number): number {
  return process.env['CRE_FAULTS'] === 'long' ? short * 10 : short;
}
