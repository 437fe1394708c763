import { expect, it } from 'vitest';
import { operatorsAPass, programsAPass } from './profile';

/** Two passes as ONNX Runtime 1.30 tells of them. */
const session = [
  { cat: 'Session', name: 'session_initialization' },
  { cat: 'Session', name: 'model_run' },
  { cat: 'Session', name: 'model_run' },
];
const operators = ['embedding', 'layers.0.q', 'embedding', 'layers.0.q'].map((name) => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
}));
const programs = [
  'embedding&GatherBlockQuantized&GatherBlockQuantized',
  'layers.0.q&MatMulNBits&DP4AMatMulQuantize',
  'layers.0.q&MatMulNBits&DP4AMatMulNBits',
].map((name) => ({ cat: 'Api', name }));

it('counts the operators of a pass, and the programs where the provider tells of them', () => {
  const onGpu = [...session, ...operators, ...programs, ...programs];
  expect([operatorsAPass(onGpu, 2), programsAPass(onGpu, 2)]).toEqual([2, 3]);
  const onCpu = [...session, ...operators];
  expect([operatorsAPass(onCpu, 2), programsAPass(onCpu, 2)]).toEqual([2, null]);
});

it('takes the kernels, not the calls that start them, where both are told', () => {
  const kernels = [{ cat: 'Kernel', name: 'gemm' }];
  expect(programsAPass([...operators, ...programs, ...kernels], 1)).toBe(1);
});
