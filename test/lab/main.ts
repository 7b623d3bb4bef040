// `npm run lab`: a lab with all samples, kept until Ctrl-C. With --sweep it only removes what killed runs have left.
import { startLab } from './lab';
import { startSamples } from './samples';
import { sweepDeadLabs } from './traces';

async function main(): Promise<void> {
  if (process.argv.includes('--sweep')) {
    for (const dir of await sweepDeadLabs()) console.log(`removed the lab that a killed run had left in ${dir}`);
    return;
  }
  // The handlers stand before anything is started: a signal in between must clean up too.
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve());
    // Started by a script: when that has gone, nobody will say stop.
    process.on('disconnect', () => resolve());
  });
  const lab = await startLab();
  // A promise alone keeps no process alive.
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    const samples = await Promise.race([startSamples(lab), stopped]);
    if (samples) {
      console.log(`export DOCKER_HOST=unix://${lab.dockerSocket}`);
      console.log(`export CONTAINERD_ADDRESS=${lab.containerdSocket}`);
      console.log(`# ${samples.length} samples in ${lab.dir}; Ctrl-C removes everything`);
      // Another process waits for this line's news: scripts/lib/lab.mjs.
      process.send?.({
        env: pick(lab.env, ['DOCKER_HOST', 'DOCKER_CONFIG', 'CONTAINERD_ADDRESS']),
        lab: {
          dir: lab.dir,
          dockerSocket: lab.dockerSocket,
          containerdSocket: lab.containerdSocket,
          containerdState: lab.containerdState,
          dockerExecRoot: lab.dockerExecRoot,
          cgroupParent: lab.cgroupParent,
          image: lab.image,
          dockerdPid: lab.dockerdPid,
          containerdPid: lab.containerdPid,
        },
      });
      await stopped;
    }
  } finally {
    await lab.stop();
    clearInterval(keepAlive);
  }
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
