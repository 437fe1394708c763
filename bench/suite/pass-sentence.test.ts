import { expect, it } from 'vitest';
import { passSentence } from './pass-sentence';

const passes = {
  layers: 28,
  width: 384,
  position: 200,
  lengths: [1, 5, 9],
  places: [
    {
      place: 'CPU',
      onGpu: false,
      ms: [2, 4, 8],
      operators: 285,
      programs: null,
      captured: false,
    },
    {
      place: 'WebGPU',
      onGpu: true,
      ms: [3.2, 3.26, 3.9],
      operators: 285,
      programs: 340,
      captured: false,
    },
    {
      place: 'CUDA',
      onGpu: true,
      ms: [0.8, 1.1, 1.4],
      operators: 287,
      programs: null,
      captured: true,
    },
  ],
};
const H200 = ['NVIDIA H200'];

it('tells times and operators, and programs where they are known', () => {
  expect(passSentence(passes, 'CPU', H200)).toBe(
    'A pass of the target behind 200 positions takes 2.00 ms for one position, 4.00 ms for 5 ' +
      'positions and 8.00 ms for 9 positions; one position is 285 operators of ONNX Runtime.',
  );
  expect(passSentence(passes, 'WebGPU', [])).toContain(
    '285 operators of ONNX Runtime, 340 programs on the GPU.',
  );
  expect(passSentence(passes, 'CUDA', [])).toContain(
    '287 operators of ONNX Runtime, captured and started as one.',
  );
});

it('tells how near a GPU comes to the best known on such a card, and on no other machine', () => {
  const known =
    'a decoder of 28 layers × 384 takes 1.07 ms for one position and 1.63 ms for 5 positions on such a GPU, ' +
    'the best known: the passes here have ';
  expect(passSentence(passes, 'CUDA', H200)).toContain(`${known}134 % and 148 % of that speed.`);
  expect(passSentence(passes, 'WebGPU', H200)).toContain(`${known}33 % and 50 % of that speed.`);
  expect(passSentence(passes, 'CUDA', ['NVIDIA H100'])).not.toContain('best known');
  expect(passSentence({ ...passes, width: 512 }, 'CUDA', H200)).not.toContain('best known');
  const larger = passSentence({ ...passes, layers: 24, width: 1024 }, 'CUDA', H200);
  expect(larger).toContain('176 % and 175 % of that speed.');
});

it('is not made up where nothing was measured', () => {
  expect(() => passSentence(passes, 'Core ML', H200)).toThrow(RangeError);
});
