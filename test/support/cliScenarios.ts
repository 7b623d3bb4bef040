/*
 * What people do with the docker command line, as data: each is run directly and through the relay, in tests of plain Node
 * and in a terminal of a real VS Code (cliRunner.ts runs them). docs/recording.md lists them by their titles.
 *
 * `run` is shell text. Its environment leads docker to the engine the way that is tried, and has
 *   NAME    of what it makes: a container, an image, a volume, or the beginning of their names
 *   DIR     an empty folder of its own, at the same path for client and engine
 *   IMAGE   busybox with all its applets, sh among them
 *   TARGET  a container of it that sleeps
 *   BIG     a file of 100 MB, of random bytes
 *   BUILDER a docker command line that knows BuildKit
 */

/** What is done while a scenario runs. */
export type Act =
  | { readonly type: string }
  | { readonly endInput: true }
  | { readonly signal: NodeJS.Signals }
  | { readonly rows: number; readonly columns: number }
  | { readonly killEngine: true };

/** An act, once this text has been written since the act before; at once without a text. */
export type Step = Act & { readonly after?: string };

/** What not every place has: a command line with BuildKit, an engine that may be killed. */
export type Need = 'buildkit' | 'engine';

export interface CliScenario {
  readonly title: string;
  readonly run: string;
  /** It runs in a terminal of 24 × 80 characters; otherwise output and errors are pipes. */
  readonly terminal?: true;
  /** Its input ends at once unless these type something. */
  readonly steps?: readonly Step[];
  /** Shell text, run directly on the engine afterwards, whose output must be the same too. */
  readonly effects?: string;
  readonly needs?: Need;
}

const RUN = 'docker run --rm --network=none';
const NAMED = 'docker run --name $NAME --network=none';
/** Prints after its input has ended: what a relay that closes both ways at once would lose. */
const AFTER_INPUT = `sh -c 'cat; sleep 0.3; echo after; echo late >&2; exit 3'`;
const ON_INTERRUPT = `sh -c 'trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.1; done'`;
const STATE = `docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' $NAME`;
const ENDED = `docker wait $NAME; ${STATE}`;
const FIVE_MB = `head -c 5242880 "$BIG"`;

const ASKING: readonly CliScenario[] = [
  { title: 'version', run: 'docker version' },
  { title: 'info', run: `docker info --format '{{.ID}} {{.ServerVersion}} {{.CgroupDriver}} {{.DockerRootDir}}'` },
  {
    title: 'ps',
    run: `docker ps --all --no-trunc --filter name=$TARGET --format '{{.ID}} {{.Names}} {{.Image}} {{.State}}'`,
  },
  {
    title: 'images',
    run: 'docker images --no-trunc $IMAGE; docker image inspect $IMAGE; docker history --no-trunc $IMAGE',
  },
  { title: 'inspect', run: `docker inspect --format '{{json .Config}} {{json .HostConfig}}' $TARGET` },
  { title: 'inspect of a container that is not there', run: 'docker inspect no-such-container' },
  { title: 'a command that is not there', run: 'docker no-such-command' },
  { title: 'top', run: 'docker top $TARGET -o pid,args' },
  { title: 'stats, once', run: `docker stats --no-stream --format '{{.Name}} {{.PIDs}}' $TARGET` },
  {
    title: 'events of a time that is over',
    run: `since=$(date +%s.%N); ${RUN} --name $NAME $IMAGE true; docker events --since $since --until "$(date +%s.%N)" \
--filter container=$NAME --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'`,
  },
  {
    title: 'events, followed while a container runs',
    run: `docker events --since "$(date +%s.%N)" --filter container=$NAME --format '{{.Action}}' > $DIR/events & watcher=$!
${RUN} --name $NAME $IMAGE true
until grep -q destroy $DIR/events; do sleep 0.05; done
kill $watcher; wait $watcher; echo "ended with $?"; cat $DIR/events`,
  },
];

const RUNNING: readonly CliScenario[] = [
  {
    title: 'create, start, wait, rm',
    run: `docker create --name $NAME --network=none $IMAGE sh -c 'exit 3' && docker start $NAME && docker wait $NAME && docker rm $NAME`,
  },
  { title: 'run, with output, errors and an exit code', run: `${RUN} $IMAGE sh -c 'echo out; echo err >&2; exit 7'` },
  { title: 'run of a program that is not there', run: `${RUN} $IMAGE no-such-program` },
  {
    title: 'run -d, with many settings',
    run: `${NAMED} --detach --env A=1 --label a=b --hostname h --workdir /tmp --user 7:8 --memory 32m --read-only $IMAGE sleep 600`,
    effects: `docker inspect --format '{{json .Config}} {{json .HostConfig}} {{.State.Status}}' $NAME`,
  },
  {
    title: 'run -i, with output after the input has ended',
    run: `${RUN} --interactive $IMAGE ${AFTER_INPUT}`,
    steps: [{ type: 'typed\n' }, { endInput: true }],
  },
  { title: 'run -t, without input', run: `${RUN} --tty $IMAGE sh -c 'tty; echo out; echo err >&2; exit 5'` },
  {
    title: 'run -it, and Ctrl-C is typed',
    run: `${RUN} --interactive --tty $IMAGE ${ON_INTERRUPT}`,
    terminal: true,
    steps: [{ after: 'ready', type: '\x03' }],
  },
  {
    title: 'run, and Ctrl-C in the middle',
    run: `exec ${NAMED} $IMAGE ${ON_INTERRUPT}`,
    steps: [{ after: 'ready', signal: 'SIGINT' }],
    effects: ENDED,
  },
  {
    title: '50 runs at the same time',
    run: `for i in $(seq 50); do
  (${RUN} --name $NAME-$i $IMAGE sh -c "echo $i; exit $((i % 3))" > $DIR/$i 2>&1; echo "ended with $?" >> $DIR/$i) &
done
wait; for i in $(seq 50); do cat $DIR/$i; done`,
  },
  {
    title: 'kill, stop, restart, pause, unpause, rename, update',
    run: `${NAMED} --detach $IMAGE sh -c 'trap "exit 9" TERM; while :; do sleep 0.1; done'
docker pause $NAME && docker unpause $NAME && docker restart --time 0 $NAME && docker kill $NAME && docker wait $NAME
docker start $NAME && docker stop --time 1 $NAME; docker update --cpu-shares 512 $NAME && docker rename $NAME $NAME-renamed`,
    effects: `docker inspect --format '{{.HostConfig.CpuShares}} {{.State.Status}}' $NAME-renamed`,
  },
];

const IN_A_CONTAINER: readonly CliScenario[] = [
  {
    title: 'exec, with output, errors and an exit code',
    run: `docker exec $TARGET sh -c 'echo out; echo err >&2; exit 5'`,
  },
  {
    title: 'exec -i, with output after the input has ended',
    run: `docker exec --interactive $TARGET ${AFTER_INPUT}`,
    steps: [{ type: 'typed\n' }, { endInput: true }],
  },
  {
    title: 'exec without -i, which reads no input',
    run: 'echo ignored | docker exec $TARGET cat; echo "ended with $?"',
  },
  { title: 'exec -i, 5 MB both ways', run: `${FIVE_MB} | docker exec --interactive $TARGET cat | sha256sum` },
  {
    title: 'exec -it, and the terminal is made larger',
    run: `docker exec --interactive --tty $TARGET sh -c 'until [ "$(stty size)" = "24 80" ]; do sleep 0.05; done; echo small
until [ "$(stty size)" = "40 100" ]; do sleep 0.05; done; echo large; exit 9'`,
    terminal: true,
    steps: [{ after: 'small', rows: 40, columns: 100 }],
  },
  {
    title: 'exec -d',
    run: 'docker exec --detach --env A=1 --workdir /tmp $TARGET sh -c \'echo "$A" > made\'',
    effects: `until docker exec $TARGET test -s /tmp/made; do sleep 0.05; done; docker exec $TARGET cat /tmp/made; docker exec $TARGET rm /tmp/made`,
  },
  {
    title: 'attach, and leave by the detach keys',
    run: `${NAMED} --detach --interactive --tty $IMAGE sh -c 'while read line; do echo "got $line"; done' > $DIR/id; docker attach $NAME`,
    terminal: true,
    steps: [{ type: 'hello\r' }, { after: 'got hello', type: '\x10\x11' }],
    effects: `${STATE}; docker logs $NAME`,
  },
  {
    title: 'run -it, and leave by detach keys of one’s own',
    run: `${NAMED} --interactive --tty --detach-keys ctrl-x,x $IMAGE sh -c 'echo ready; read line; sleep 600'`,
    terminal: true,
    steps: [{ after: 'ready', type: '\x18x' }],
    effects: STATE,
  },
  {
    title: 'logs -f, until the container ends',
    run: `${NAMED} --detach $IMAGE sh -c 'for i in 1 2 3 4 5; do echo "line $i"; sleep 0.2; done' > $DIR/id; docker logs --follow $NAME`,
  },
  {
    title: 'logs -f, and Ctrl-C in the middle',
    run: `${NAMED} --detach $IMAGE sh -c 'echo ready; sleep 600' > $DIR/id; exec docker logs --follow $NAME`,
    steps: [{ after: 'ready', signal: 'SIGINT' }],
    effects: STATE,
  },
  {
    title: 'wait, while another client ends the container',
    run: `${NAMED} --detach $IMAGE sleep 600 > $DIR/id; docker wait $NAME > $DIR/code & sleep 0.3; docker kill $NAME; wait; cat $DIR/code`,
  },
];

const FILES: readonly CliScenario[] = [
  {
    title: 'cp of 100 MB into a container and back',
    run: `docker cp --quiet "$BIG" $TARGET:/tmp/big && docker cp --quiet $TARGET:/tmp/big $DIR/back && cmp "$BIG" $DIR/back && echo same`,
    effects: 'docker exec $TARGET sha256sum /tmp/big; docker exec $TARGET rm /tmp/big; wc -c < $DIR/back',
  },
  {
    title: 'cp of archives, from input and to output',
    run: `cd $DIR; echo content > file; touch -d @1000000000 file; tar -cf - file | docker cp - $TARGET:/tmp; docker cp $TARGET:/tmp/file - | tar -tvf -`,
    effects: 'docker exec $TARGET sha256sum /tmp/file; docker exec $TARGET rm /tmp/file',
  },
  { title: 'cp of a file that is not there', run: 'docker cp $TARGET:/etc/no-such-file -' },
  {
    title: 'save, into a file and into a pipe',
    run: 'docker save --output $DIR/image.tar $IMAGE; tar -tf $DIR/image.tar; docker save $IMAGE | tar -xOf - manifest.json',
  },
  {
    title: 'load',
    run: 'docker save --output $DIR/image.tar $IMAGE; docker load --input $DIR/image.tar; docker save $IMAGE | docker load --quiet',
  },
  {
    title: 'export and import',
    run: `docker create --name $NAME --network=none $IMAGE true > $DIR/id; docker export --output $DIR/root.tar $NAME
tar -tf $DIR/root.tar | sort | sha256sum; docker export $NAME | docker import --change 'CMD ["echo", "imported"]' - $NAME:1`,
    effects: 'docker run --rm --network=none $NAME:1',
  },
  {
    title: 'commit, tag, diff, rmi',
    run: `${NAMED} $IMAGE sh -c 'echo new > /tmp/new; rm /etc/group'; docker diff $NAME; docker commit --message m $NAME $NAME:1
docker tag $NAME:1 $NAME:2; docker rmi $NAME:1`,
    effects: 'docker run --rm --network=none $NAME:2 cat /tmp/new',
  },
  {
    title: 'volumes',
    run: `docker volume create --label a=b $NAME; ${RUN} --volume $NAME:/data $IMAGE sh -c 'echo kept > /data/file'
${RUN} --volume $NAME:/data $IMAGE cat /data/file; docker volume inspect --format '{{.Name}} {{.Labels}}' $NAME; docker volume rm $NAME`,
  },
];

/** A context of 20 MB and a Dockerfile with a step of each kind. */
const CONTEXT = `mkdir $DIR/context; head -c 20971520 "$BIG" > $DIR/context/part
printf 'FROM %s\\nARG WHO=nobody\\nCOPY part /part\\nRUN echo "by $WHO" > /who\\nCMD ["cat", "/who"]\\n' $IMAGE > $DIR/context/Dockerfile`;
const BUILT = `docker inspect --format '{{len .RootFS.Layers}} {{json .Config.Cmd}} {{json .Config.Env}}' $NAME:1
docker run --rm --network=none $NAME:1; docker run --rm --network=none $NAME:1 sha256sum /part`;

const MAKING: readonly CliScenario[] = [
  {
    title: 'build, by the engine’s own builder',
    run: `${CONTEXT}; DOCKER_BUILDKIT=0 docker build --no-cache --network none --build-arg WHO=me --tag $NAME:1 $DIR/context`,
    effects: BUILT,
  },
  {
    title: 'build, that fails',
    run: `printf 'FROM %s\\nRUN echo before; exit 4\\n' $IMAGE > $DIR/Dockerfile; DOCKER_BUILDKIT=0 docker build --no-cache --network none $DIR`,
  },
  {
    title: 'build, by BuildKit',
    run: `${CONTEXT}; DOCKER_BUILDKIT=1 $BUILDER build --quiet --no-cache --network none --build-arg WHO=me --tag $NAME:1 $DIR/context`,
    effects: BUILT,
    needs: 'buildkit',
  },
];

const BREAKING: readonly CliScenario[] = [
  {
    title: 'run, and the client is killed',
    run: `exec ${NAMED} $IMAGE sh -c 'echo ready; sleep 600'`,
    steps: [{ after: 'ready', signal: 'SIGKILL' }],
    effects: STATE,
  },
  {
    title: 'run -i, and the client is killed: the program’s input ends',
    run: `exec ${NAMED} --interactive $IMAGE sh -c 'echo ready; cat; exit 8'`,
    steps: [{ after: 'ready', signal: 'SIGKILL' }],
    effects: ENDED,
  },
];

export const CLI_SCENARIOS: readonly CliScenario[] = [
  ...ASKING,
  ...RUNNING,
  ...IN_A_CONTAINER,
  ...FILES,
  ...MAKING,
  ...BREAKING,
];
