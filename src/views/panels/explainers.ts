import { explainApiCall } from '../../explain/apiCalls';
import { explainCgroupFile } from '../../explain/cgroupFiles';
import { explainFact } from '../../explain/facts';
import { explainSpecPath } from '../../explain/specPath';
import type { Explainers } from './models/input';

/** The product's explanations, as the pages ask for them. */
export const explainers: Explainers = {
  specPath: explainSpecPath,
  cgroupFile: explainCgroupFile,
  apiCall: explainApiCall,
  fact: explainFact,
};
