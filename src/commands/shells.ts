// The shells whose completion ecsdemo knows.
export const shells = ['bash', 'zsh', 'fish'] as const;
