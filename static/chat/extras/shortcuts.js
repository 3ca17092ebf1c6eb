// The sheet of keyboard shortcuts.

import { openDialog } from "./dialogs.js";

export const openShortcuts = () => openDialog("shortcuts");
