// `npm run lab -- --generation sid`: a lab with all samples, kept until Ctrl-C. With --every-runtime it has containers of
// every runtime instead, with --sweep it only removes what killed runs have left, with --prepare it only makes what the lab
// of that generation runs from.
import { parseArgs } from 'node:util';
import { startEveryRuntime, type EveryRuntime } from './everyRuntime';
import { currentGeneration } from './generations';
import { startLab } from './lab';
import { ensureRootfs } from './rootfs';
import { startSamples } from './samples';
import { sweepDeadLabs } from './traces';

async function main(): Promise<void> {
  if (process.argv.includes('--sweep')) {
    for (const dir of await sweepDeadLabs()) console.log(`removed the lab that a killed run had left in ${dir}`);
    return;
  }
  const { generation: name } = parseArgs({
    options: { generation: { type: 'string' }, prepare: { type: 'boolean' } },
    strict: false,
  }).values;
  if (typeof name === 'string') process.env.CRE_GENERATION = name;
  if (process.argv.includes('--prepare')) {
    const { suite } = currentGeneration();
    if (suite !== undefined) await ensureRootfs(suite);
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
  let every: EveryRuntime | undefined;
  const fill = async (): Promise<number> => {
    if (!process.argv.includes('--every-runtime')) return (await startSamples(lab)).length;
    every = await startEveryRuntime(lab);
    return every.made.length;
  };
  try {
    const filling = fill();
    const count = await Promise.race([filling, stopped]);
    // Stopped meanwhile: what is being made must be there before it can be removed.
    if (count === undefined) await filling.catch(() => undefined);
    else {
      const env = pick(every?.env ?? lab.env, LEADING);
      for (const [name, value] of Object.entries(env)) console.log(`export ${name}=${value}`);
      console.log(`# ${count} containers in ${lab.dir}; Ctrl-C removes everything`);
      // Another process waits for this line's news: scripts/lib/lab.mjs.
      process.send?.({
        env,
        lab: {
          generation: lab.generation,
          dir: lab.dir,
          insideDir: lab.insideDir,
          dockerSocket: lab.dockerSocket,
          containerdSocket: lab.containerdSocket,
          containerdState: lab.containerdState,
          dockerExecRoot: lab.dockerExecRoot,
          cgroupParent: lab.cgroupParent,
          image: lab.image,
          dockerdPid: lab.dockerdPid,
          containerdPid: lab.containerdPid,
          ...(every ? { made: every.made } : {}),
        },
      });
      await stopped;
    }
  } finally {
    await every?.stop();
    await lab.stop();
    clearInterval(keepAlive);
  }
}

/** What leads clients to the lab. */
const LEADING = ['PATH', 'DOCKER_HOST', 'DOCKER_CONFIG', 'CONTAINERD_ADDRESS', 'CONTAINER_HOST', 'XDG_RUNTIME_DIR'];

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
