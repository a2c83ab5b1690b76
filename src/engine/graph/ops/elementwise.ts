import { apply, type Op, type Value } from '../graph.js';
import { broadcast, type DType, ShapeError, show } from '../types.js';
import { reduceTo } from './broadcast.js';

/** A number stands for a scalar of the other operand's type. */
export type Operand = Value | number;

function lift(a: Operand, b: Operand): [Value, Value] {
  const graph = typeof a === 'number' ? (b as Value).graph : a.graph;
  const of = (x: Operand, other: Operand): Value =>
    typeof x === 'number' ? graph.scalar(x, numberType(other)) : x;
  return [of(a, b), of(b, a)];
}

const numberType = (other: Operand): Exclude<DType, 'bool'> =>
  typeof other === 'number' || other.dtype === 'bool' ? 'float32' : other.dtype;

type Cotangents = (a: Value, b: Value, dy: Value, y: Value) => [() => Value, () => Value];

/** A broadcasting binary op; the gradients are summed back over the broadcast axes. */
function binary(name: string, onnx: string, cotangents?: Cotangents, dtype?: DType): Op<null> {
  const op: Op<null> = {
    name,
    infer([a, b]) {
      if (a!.dtype !== b!.dtype) throw new ShapeError(`${name}: ${a!.dtype} with ${b!.dtype}`);
      return [{ dtype: dtype ?? a!.dtype, shape: broadcast(name, a!.shape, b!.shape) }];
    },
    lower: (emit, inputs, outputs) => void emit.node(onnx, inputs, {}, outputs),
  };
  if (!cotangents) return op;
  return {
    ...op,
    gradient({ inputs: [a, b], outputs: [y] }, [dy], wants) {
      const [da, db] = cotangents(a!, b!, dy!, y!);
      return [
        wants[0] ? reduceTo(da(), a!.shape) : undefined,
        wants[1] ? reduceTo(db(), b!.shape) : undefined,
      ];
    },
  };
}

const Add = binary('Add', 'Add', (_a, _b, dy) => [() => dy, () => dy]);
const Sub = binary('Sub', 'Sub', (_a, _b, dy) => [() => dy, () => neg(dy)]);
const Mul = binary('Mul', 'Mul', (a, b, dy) => [() => mul(dy, b), () => mul(dy, a)]);
const Div = binary('Div', 'Div', (_a, b, dy, y) => [() => div(dy, b), () => neg(div(mul(dy, y), b))]);
const Equal = binary('Equal', 'Equal', undefined, 'bool');
const Less = binary('Less', 'Less', undefined, 'bool');

export const add = (a: Operand, b: Operand): Value => apply(Add, lift(a, b), null);
export const sub = (a: Operand, b: Operand): Value => apply(Sub, lift(a, b), null);
export const mul = (a: Operand, b: Operand): Value => apply(Mul, lift(a, b), null);
export const div = (a: Operand, b: Operand): Value => apply(Div, lift(a, b), null);
/** No gradient. */
export const equal = (a: Operand, b: Operand): Value => apply(Equal, lift(a, b), null);
/** No gradient. */
export const less = (a: Operand, b: Operand): Value => apply(Less, lift(a, b), null);

/** A unary op; `slope` is dy/dx in terms of x and y. */
function unary(
  name: string,
  lower: Op<null>['lower'],
  cotangent: (dy: Value, x: Value, y: Value) => Value,
): Op<null> {
  return {
    name,
    infer: ([x]) => [x!],
    lower,
    gradient: ({ inputs: [x], outputs: [y] }, [dy]) => [cotangent(dy!, x!, y!)],
  };
}

const plain =
  (onnx: string): Op<null>['lower'] =>
  (emit, inputs, outputs) =>
    void emit.node(onnx, inputs, {}, outputs);

const Neg = unary('Neg', plain('Neg'), (dy) => neg(dy));
const Exp = unary('Exp', plain('Exp'), (dy, _x, y) => mul(dy, y));
const Sqrt = unary('Sqrt', plain('Sqrt'), (dy, _x, y) => div(dy, mul(y, 2)));
const Sin = unary('Sin', plain('Sin'), (dy, x) => mul(dy, cos(x)));
const Cos = unary('Cos', plain('Cos'), (dy, x) => neg(mul(dy, sin(x))));
const Erf = unary('Erf', plain('Erf'), (dy, x) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))));
const Relu = unary('Relu', plain('Relu'), (dy, x) => where(less(0, x), dy, 0));
const Sigmoid = unary('Sigmoid', plain('Sigmoid'), (dy, _x, y) => mul(dy, mul(y, sub(1, y))));

export const neg = (x: Value): Value => apply(Neg, [x], null);
export const exp = (x: Value): Value => apply(Exp, [x], null);
export const sqrt = (x: Value): Value => apply(Sqrt, [x], null);
export const sin = (x: Value): Value => apply(Sin, [x], null);
export const cos = (x: Value): Value => apply(Cos, [x], null);
export const erf = (x: Value): Value => apply(Erf, [x], null);
/** max(x, 0); its slope at 0 is 0. */
export const relu = (x: Value): Value => apply(Relu, [x], null);
export const sigmoid = (x: Value): Value => apply(Sigmoid, [x], null);

const Where: Op<null> = {
  name: 'Where',
  infer([c, a, b]) {
    if (c!.dtype !== 'bool')
      throw new ShapeError(`Where: condition is ${c!.dtype} ${show(c!.shape)}, not bool`);
    return [{ dtype: a!.dtype, shape: broadcast('Where', c!.shape, broadcast('Where', a!.shape, b!.shape)) }];
  },
  lower: plain('Where'),
  gradient({ inputs: [c, a, b] }, [dy], wants) {
    return [
      undefined,
      wants[1] ? reduceTo(where(c!, dy!, 0), a!.shape) : undefined,
      wants[2] ? reduceTo(where(c!, 0, dy!), b!.shape) : undefined,
    ];
  },
};

/** `a` where the condition holds, else `b`. */
export const where = (condition: Value, a: Operand, b: Operand): Value => {
  const of = (x: Operand, other: Operand): Value =>
    typeof x === 'number' ? condition.graph.scalar(x, numberType(other)) : x;
  return apply(Where, [condition, of(a, b), of(b, a)], null);
};
