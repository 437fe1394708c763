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
  expect(failure('Failed to allocate memory for requested buffer of size 1048576').message).toMatch(
    /more memory than this machine has free/,
  );
});

it.each([
  `Failed to allocate memory for requested buffer of size ${2 ** 50}`,
  'Integer overflow',
  'Array buffer allocation failed',
])('blames the pack for what no machine has: “%s”', (said) => {
  expect(failure(said)).toEqual({
    kind: 'pack',
    message:
      '/pack/target.onnx asks for more memory than this machine has: choose a smaller voice pack.',
  });
});

it('hands on what is a sentence already', () => {
  const known = new FailureError('pack', 'This is known.');
  expect(graphFailure('/pack/target.onnx', known)).toBe(known);
});

it('leaves codes, source files and further lines out of a reason', () => {
  const said =
    '[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Gather node. /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/gather.cc:123 indices element out of data bounds\nStack:\n…';
  expect(reasonIn(said)).toBe('Gather: indices element out of data bounds');
  expect(reasonIn('x'.repeat(500))).toHaveLength(120);
});

it.each([
  [
    "RunWithBinding: Non-zero status code returned while running STFT node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/signal/dft.cc:574 onnxruntime::common::Status onnxruntime::short_time_fourier_transform(OpKernelContext*, bool, bool) [with T = float; U = float] window_size <= signal_size was false. Ensure that the dft size is smaller than the signal.\n",
    'STFT: Ensure that the dft size is smaller than the signal',
  ],
  [
    'CreateSession: Exception during initialization: /onnxruntime_src/onnxruntime/contrib_ops/cpu/bert/attention_base.h:60 onnxruntime::contrib::AttentionBase::AttentionBase(const KernelInfoType&, bool) [with KernelInfoType = onnxruntime::OpKernelInfo] info.GetAttr("num_heads", &num_heads).IsOK() && num_heads > 0 was false. \n',
    'ONNX Runtime says no more',
  ],
  [
    "RunWithBinding: Non-zero status code returned while running Range node. Name:'' Status Message: delta in Range operator can not be zero!",
    'Range: delta in Range operator can not be zero!',
  ],
])('leaves the C++ out of “%s”', (said, reason) => {
  expect(reasonIn(said)).toBe(reason);
});
