import '@vscode/codicons/dist/codicon.css';
import './styles/base.css';
import './styles/cards.css';
import './styles/facts.css';
import './styles/components.css';
import './styles/tree.css';
import './styles/shim.css';
import './styles/cgroups.css';
import './styles/calls.css';
import './styles/chain.css';
import './styles/lineage.css';
import './styles/host.css';
import './styles/birth.css';
import { RuntimeError } from '../src/model/problem';
import { PageChannel } from '../src/protocol/channel';
import { isHostPageKind, type HostPageKind, type HostPageModel } from '../src/protocol/hostPages';
import { isPageKind, type PageKind, type PageModel } from '../src/protocol/pages';
import { asRecord } from '../src/util/records';
import { refreshAges } from './components/time';
import { registerToolkit } from './components/toolkit';
import type { View, ViewContext } from './context';
import { h, setText } from './dom';
import { keepingPlace } from './keep';
import { BirthView } from './pages/birthView';
import { CallsView } from './pages/callsView';
import { CgroupsView } from './pages/cgroupsView';
import { ChainView } from './pages/chainView';
import { CompareView } from './pages/compareView';
import { ConfigView } from './pages/configView';
import { DockershimView } from './pages/dockershimView';
import { DoctorView } from './pages/doctorView';
import { CostsView } from './pages/costsView';
import { HistoryView } from './pages/historyView';
import { LineageView } from './pages/lineageView';
import { ShimView } from './pages/shimView';
import { hostHead, pageHead, problemBanner } from './shell';
import { l10n } from './l10n';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

type AnyKind = PageKind | HostPageKind;
type AnyModel = PageModel | HostPageModel;

const VIEWS: Readonly<Record<AnyKind, (context: ViewContext) => View<never>>> = {
  config: (context) => new ConfigView(context),
  shim: (context) => new ShimView(context),
  cgroups: (context) => new CgroupsView(context),
  calls: (context) => new CallsView(context),
  chain: (context) => new ChainView(context),
  lineage: (context) => new LineageView(context),
  birth: (context) => new BirthView(context),
  history: (context) => new HistoryView(context),
  dockershim: (context) => new DockershimView(context),
  doctor: (context) => new DoctorView(context),
  compare: (context) => new CompareView(context),
  costs: () => new CostsView(),
};

const AGE_INTERVAL_MS = 10_000;

function start(kind: AnyKind, root: HTMLElement, announcer: HTMLElement): void {
  // Kept here alone: nothing else on the page can talk to the host.
  const vscode = acquireVsCodeApi();
  const saved = asRecord(asRecord(vscode.getState())?.['memory']);
  const memory = new Map<string, unknown>(saved ? Object.entries(saved) : []);
  const save = (): void =>
    vscode.setState({
      page: kind,
      containerId: document.body.dataset['container'],
      memory: Object.fromEntries(memory),
    });
  let model: AnyModel | undefined;
  let problem: RuntimeError | undefined;
  let revealed = false;

  const context: ViewContext = {
    ask: (method, params) => channel.ask(method, params),
    run: (work) => void work.catch((error: unknown) => show(RuntimeError.from(error, l10n.t('The page')))),
    announce: (text) => setText(announcer, text),
    redraw: () => draw(),
    reveal: (on) => {
      revealed = on;
      load();
    },
    memory: {
      get: (name) => memory.get(name),
      set: (name, value) => {
        memory.set(name, value);
        save();
      },
    },
  };
  const view = VIEWS[kind](context) as View;

  function draw(): void {
    keepingPlace(root, () => {
      const banner = problem && problemBanner(problem.problem);
      const parts = model ? [headOf(context, model, load), view.draw(model)] : [];
      root.replaceChildren(...(banner ? [banner] : []), ...parts);
      root.setAttribute('aria-busy', 'false');
      if (model) view.shown?.();
    });
  }

  function show(error: RuntimeError): void {
    problem = error;
    draw();
  }

  function accept(page: AnyModel, spoken: string): void {
    if (page.kind !== kind) return;
    problem = undefined;
    model = page;
    draw();
    context.announce(spoken);
  }

  function load(): void {
    root.setAttribute('aria-busy', 'true');
    context.run(
      channel
        .ask('page', { reveal: revealed })
        .then((page) => accept(page, revealed ? l10n.t('Secrets are shown') : l10n.t('The page is up to date'))),
    );
  }

  const channel = new PageChannel(
    {
      post: (message) => vscode.postMessage(message),
      listen: (listener) => {
        const onMessage = (event: MessageEvent<unknown>): void => listener(event.data);
        window.addEventListener('message', onMessage);
        return { dispose: () => window.removeEventListener('message', onMessage) };
      },
    },
    {
      changed: (page) =>
        accept(page, 'header' in page ? l10n.t('The container changed') : l10n.t('The machine changed')),
      usage: (sample) => view.usage?.(sample),
    },
  );
  // The editor unloads pages that nobody sees, so this costs nothing hidden.
  setInterval(() => refreshAges(root), AGE_INTERVAL_MS);
  window.addEventListener('pagehide', () => channel.dispose());
  save();
  if (kind === 'doctor') {
    const text = l10n.t(
      'Looking at every shim. What is found is looked at again before it is told, which takes up to 20 s.',
    );
    root.append(h('p', { class: 'doctor-wait' }, text));
    context.announce(text);
  }
  load();
}

function headOf(context: ViewContext, model: AnyModel, load: () => void): HTMLElement {
  return 'header' in model ? pageHead(context, model.kind, model.header, load) : hostHead(model, load);
}

registerToolkit();
const kind = document.body.dataset['page'];
const root = document.getElementById('page');
const announcer = document.getElementById('announcer');
if ((isPageKind(kind) || isHostPageKind(kind)) && root && announcer) start(kind, root, announcer);
