import { create } from 'zustand';

export type OpenDialog = 'none' | 'help' | 'licences' | 'shortcuts';

/** Dialogs that belong to the window and not to one of its parts. */
export const useDialogs = create<{ open: OpenDialog }>()(() => ({ open: 'none' }));

export const openDialog = (open: OpenDialog) => useDialogs.setState({ open });
