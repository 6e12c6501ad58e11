// Looking bytes up in a vector.

/**
 * The bytes of `vector` at `indices`, all of them below 16: relaxed SIMD, in a module built for it, does not
 * look for others.
 */
@inline
export function lookUp(vector: v128, indices: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? i8x16.relaxed_swizzle(vector, indices)
    : v128.swizzle(vector, indices);
}
