import type { LiveSources } from '../../src/store/containerSources';
import type { RuntimeStore } from '../../src/store/store';
import { Emitter } from '../../src/util/emitter';

const asked = (): Promise<never> => Promise.reject(new Error('this machine was asked'));

/** In the place of this machine where nothing may ask it. */
export const NO_MACHINE: RuntimeStore = {
  current: undefined,
  onDidChange: new Emitter<never>().event,
  inventory: asked,
  refresh: asked,
  complete: asked,
  inspect: asked,
  peek: () => undefined,
  earlier: () => undefined,
  attend: () => ({ dispose: () => undefined }),
  dispose: () => undefined,
};

/** The same for what pages need besides an inspection. */
export const UNREACHABLE: LiveSources = {
  readKernel: asked,
  observe: asked,
  rereadUsage: asked,
  readStored: asked,
  recorded: () => [],
};
