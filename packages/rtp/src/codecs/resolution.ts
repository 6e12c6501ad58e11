// The size of a picture, as a key frame or its parameter sets tell it.

/** Width and height in pixels, after cropping. */
export interface Resolution {
  readonly width: number;
  readonly height: number;
}
