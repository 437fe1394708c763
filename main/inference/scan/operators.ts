/** Operators of ONNX that a speech model may use: arithmetic, shapes, layers and signals. */
const STANDARD = new Set(
  `Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization
  BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu Clip
  Col2Im Compress Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumProd
  CumSum DFT DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp
  Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
  GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GroupNormalization HammingWindow HannWindow
  HardSigmoid HardSwish Hardmax Identity If InstanceNormalization IsInf IsNaN LRN LSTM
  LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul
  MatMulInteger Max MaxPool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Neg NonZero
  Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN
  RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2
  ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
  Relu Reshape Resize ReverseSequence RotaryEmbedding Round STFT Scatter ScatterElements ScatterND Selu
  Shape Shrink Sigmoid Sign SimplifiedLayerNormalization Sin Sinh Size Slice Softmax Softplus Softsign
  SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tan Tanh TensorScatter ThresholdedRelu Tile TopK
  Transpose Trilu Unique Unsqueeze Where Xor`.split(/\s+/),
);

/** ONNX Runtime's own: attention over caches, quantised products, and what its optimiser fuses. */
const OF_ONNX_RUNTIME = new Set(
  `Attention BiasAdd BiasGelu BiasSoftmax BiasSplitGelu ConvTransposeWithDynamicPads
  DecoderMaskedMultiHeadAttention DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul
  EmbedLayerNormalization ExpandDims FastGelu FusedConv FusedGemm FusedMatMul
  FusedMatMulActivation GatherBlockQuantized GatherND GatedRelativePositionBias Gelu GemmFastGelu
  GroupNorm GroupQueryAttention Inverse Irfft MatMulBnb4 MatMulFpQ4 MatMulInteger16
  MatMulIntegerToFloat MatMulNBits MulInteger MultiHeadAttention NhwcFusedConv NhwcMaxPool
  PackedAttention PackedMultiHeadAttention Pad QAttention QGemm QLinearAdd QLinearAveragePool
  QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean
  QLinearSigmoid QLinearSoftmax QLinearWhere QuantizeLinear QuickGelu RelativePositionBias
  RemovePadding RestorePadding Rfft RotaryEmbedding SkipGroupNorm SkipLayerNormalization
  SkipSimplifiedLayerNormalization SparseAttention Trilu Unique`.split(/\s+/),
);

const DOMAINS = new Map([
  ['', STANDARD],
  ['ai.onnx', STANDARD],
  ['com.microsoft', OF_ONNX_RUNTIME],
]);

/** Operators that may run for ever, whatever a graph holds. */
const LOOPS = new Set(['Loop', 'Scan', 'SequenceMap']);

/** Why an operator is not to be run, as the rest of a sentence that begins with the file; or null. */
export function objectionToOperator(domain: string, type: string): string | null {
  if (LOOPS.has(type)) return `uses ${type}, which can run for ever`;
  if (DOMAINS.get(domain)?.has(type)) return null;
  return `uses the operator ${domain ? `${domain}.` : ''}${type || 'without a name'}, which Timbrel does not run`;
}
