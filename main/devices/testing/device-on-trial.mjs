// A process that stands in for one that tries a device: the device's name says what it does.
process.on('message', ({ device }) => {
  switch (device) {
    case 'cuda':
      return process.abort();
    case 'webgpu':
      for (;;);
    case 'coreml':
      return process.send({
        type: 'verdict',
        verdict: {
          objection: 'Core ML does not compute what the CPU does.',
          tokenMs: null,
          use: { half: false, smallBlocks: false, captured: false, draftsOnCpu: false },
        },
      });
    default:
      return process.send({
        type: 'verdict',
        verdict: {
          objection: null,
          tokenMs: 2,
          use: { half: true, smallBlocks: true, captured: true, draftsOnCpu: true },
        },
      });
  }
});
