import { expect, it } from 'vitest';
import { FailureError } from '../../contract/failure';
import { graphFailure, reasonIn } from './graph-failure';

const failure = (message: string) => graphFailure('/pack/target.onnx', new Error(message)).failure;

it.each([
  [
    '[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model failed:Protobuf parsing failed.',
    'is not a whole ONNX graph',
  ],
  [
    'Fatal error: Explode(-1) is not a registered function/op',
    'uses an operator that this ONNX Runtime does not have',
  ],
  [
    'Got invalid dimensions for input: tokens for the following indices\n index: 0 Got: 1 Expected: 2',
    'does not take what the manifest promises',
  ],
  ['Something new\nwith lines', 'does not run (Something new)'],
])('puts “%s” into one sentence about the pack', (said, what) => {
  expect(failure(said)).toEqual({
    kind: 'pack',
    message: `/pack/target.onnx ${what}: the voice pack cannot be used.`,
  });
});

it('blames the machine for want of memory', () => {
  expect(failure('std::bad_alloc')).toMatchObject({ kind: 'runtime' });
  expect(
    failure('Failed to allocate memory for requested buffer of size 17179869184').message,
  ).toMatch(/more memory than this machine has free/);
});

it('hands on what is a sentence already', () => {
  const known = new FailureError('pack', 'This is known.');
  expect(graphFailure('/pack/target.onnx', known)).toBe(known);
});

it('leaves codes, source files and further lines out of a reason', () => {
  const said =
    '[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Gather node. /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/gather.cc:123 indices element out of data bounds\nStack:\n…';
  expect(reasonIn(said)).toBe(
    'Non-zero status code returned while running Gather node. indices element out of data bounds',
  );
  expect(reasonIn('x'.repeat(500))).toHaveLength(120);
});
