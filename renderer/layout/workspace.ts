import { create } from 'zustand';

/** What the middle of the window shows beside the script. */
export type Workspace = 'deck' | 'project';

export const useWorkspace = create<{ shown: Workspace }>()(() => ({ shown: 'deck' }));

export const showWorkspace = (shown: Workspace) => useWorkspace.setState({ shown });
