import type { ClusterReader } from '../adapters/adapter';
import type { ClusterReport, KubePod, Listed, NodeCgroups } from '../model/kubernetes/cluster';
import { Answers, type Asked } from './answers';

/** What clusters have answered: each question is asked when somebody expands its row, and kept. */
export class ClusterStore extends Answers {
  constructor(private readonly reader: ClusterReader) {
    super();
  }

  cluster(contextName: string): Asked<ClusterReport> {
    return this.ask(['cluster', contextName], (signal) => this.reader.readCluster(contextName, signal));
  }

  pods(contextName: string, nodeName: string): Asked<Listed<KubePod>> {
    return this.ask(['pods', contextName, nodeName], (signal) => this.reader.readPods(contextName, nodeName, signal));
  }

  cgroups(contextName: string, nodeName: string): Asked<NodeCgroups> {
    return this.ask(['cgroups', contextName, nodeName], (signal) =>
      this.reader.readCgroups(contextName, nodeName, signal),
    );
  }

  /** What a cluster has answered before; undefined when it was not asked, or has not answered. */
  knownCluster(contextName: string): ClusterReport | undefined {
    return this.known(['cluster', contextName]) as ClusterReport | undefined;
  }

  knownPods(contextName: string, nodeName: string): Listed<KubePod> | undefined {
    return this.known(['pods', contextName, nodeName]) as Listed<KubePod> | undefined;
  }

  knownCgroups(contextName: string, nodeName: string): NodeCgroups | undefined {
    return this.known(['cgroups', contextName, nodeName]) as NodeCgroups | undefined;
  }
}
