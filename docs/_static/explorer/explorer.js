const EXPLORER = {
 "breeds": [
  "saffrel",
  "paprikin",
  "frostpaw",
  "bouclet"
 ],
 "codes": {
  "rotate": [
   "augment.rotate(degrees=5)(images, seed=seed)",
   "augment.rotate(degrees=10)(images, seed=seed)",
   "augment.rotate(degrees=20)(images, seed=seed)",
   "augment.rotate(degrees=45)(images, seed=seed)",
   "augment.rotate(degrees=90)(images, seed=seed)",
   "augment.rotate(degrees=180)(images, seed=seed)"
  ],
  "shear_x": [
   "augment.shear_x(slope=0.05)(images, seed=seed)",
   "augment.shear_x(slope=0.1)(images, seed=seed)",
   "augment.shear_x(slope=0.2)(images, seed=seed)",
   "augment.shear_x(slope=0.3)(images, seed=seed)",
   "augment.shear_x(slope=0.5)(images, seed=seed)",
   "augment.shear_x(slope=1.0)(images, seed=seed)"
  ],
  "translate_x": [
   "augment.translate_x(share=0.05)(images, seed=seed)",
   "augment.translate_x(share=0.1)(images, seed=seed)",
   "augment.translate_x(share=0.2)(images, seed=seed)",
   "augment.translate_x(share=0.3)(images, seed=seed)",
   "augment.translate_x(share=0.45)(images, seed=seed)",
   "augment.translate_x(share=0.6)(images, seed=seed)"
  ],
  "random_resized_crop": [
   "augment.random_resized_crop(smallest=0.9)(images, seed=seed)",
   "augment.random_resized_crop(smallest=0.7)(images, seed=seed)",
   "augment.random_resized_crop(smallest=0.5)(images, seed=seed)",
   "augment.random_resized_crop(smallest=0.3)(images, seed=seed)",
   "augment.random_resized_crop(smallest=0.15)(images, seed=seed)",
   "augment.random_resized_crop(smallest=0.08)(images, seed=seed)"
  ],
  "brightness": [
   "augment.brightness(strength=0.1)(images, seed=seed)",
   "augment.brightness(strength=0.2)(images, seed=seed)",
   "augment.brightness(strength=0.4)(images, seed=seed)",
   "augment.brightness(strength=0.6)(images, seed=seed)",
   "augment.brightness(strength=0.8)(images, seed=seed)",
   "augment.brightness(strength=1.0)(images, seed=seed)"
  ],
  "contrast": [
   "augment.contrast(strength=0.1)(images, seed=seed)",
   "augment.contrast(strength=0.2)(images, seed=seed)",
   "augment.contrast(strength=0.4)(images, seed=seed)",
   "augment.contrast(strength=0.6)(images, seed=seed)",
   "augment.contrast(strength=0.8)(images, seed=seed)",
   "augment.contrast(strength=1.0)(images, seed=seed)"
  ],
  "color": [
   "augment.color(strength=0.1)(images, seed=seed)",
   "augment.color(strength=0.2)(images, seed=seed)",
   "augment.color(strength=0.4)(images, seed=seed)",
   "augment.color(strength=0.6)(images, seed=seed)",
   "augment.color(strength=0.8)(images, seed=seed)",
   "augment.color(strength=1.0)(images, seed=seed)"
  ],
  "random_hue": [
   "augment.random_hue(degrees=5)(images, seed=seed)",
   "augment.random_hue(degrees=10)(images, seed=seed)",
   "augment.random_hue(degrees=18)(images, seed=seed)",
   "augment.random_hue(degrees=36)(images, seed=seed)",
   "augment.random_hue(degrees=90)(images, seed=seed)",
   "augment.random_hue(degrees=180)(images, seed=seed)"
  ],
  "posterize": [
   "augment.posterize(bits=6, rate=1)(images, seed=seed)",
   "augment.posterize(bits=5, rate=1)(images, seed=seed)",
   "augment.posterize(bits=4, rate=1)(images, seed=seed)",
   "augment.posterize(bits=3, rate=1)(images, seed=seed)",
   "augment.posterize(bits=2, rate=1)(images, seed=seed)",
   "augment.posterize(bits=1, rate=1)(images, seed=seed)"
  ],
  "solarize": [
   "augment.solarize(threshold=224, rate=1)(images, seed=seed)",
   "augment.solarize(threshold=192, rate=1)(images, seed=seed)",
   "augment.solarize(threshold=160, rate=1)(images, seed=seed)",
   "augment.solarize(threshold=128, rate=1)(images, seed=seed)",
   "augment.solarize(threshold=64, rate=1)(images, seed=seed)",
   "augment.solarize(threshold=0, rate=1)(images, seed=seed)"
  ],
  "cutout": [
   "augment.cutout(share=0.1)(images, seed=seed)",
   "augment.cutout(share=0.2)(images, seed=seed)",
   "augment.cutout(share=0.3)(images, seed=seed)",
   "augment.cutout(share=0.4)(images, seed=seed)",
   "augment.cutout(share=0.5)(images, seed=seed)",
   "augment.cutout(share=0.7)(images, seed=seed)"
  ],
  "grid_mask": [
   "augment.grid_mask(keep=0.9)(images, seed=seed)",
   "augment.grid_mask(keep=0.8)(images, seed=seed)",
   "augment.grid_mask(keep=0.7)(images, seed=seed)",
   "augment.grid_mask(keep=0.6)(images, seed=seed)",
   "augment.grid_mask(keep=0.5)(images, seed=seed)",
   "augment.grid_mask(keep=0.4)(images, seed=seed)"
  ],
  "rand_augment": [
   "augment.rand_augment(magnitude=1)(images, seed=seed)",
   "augment.rand_augment(magnitude=3)(images, seed=seed)",
   "augment.rand_augment(magnitude=5)(images, seed=seed)",
   "augment.rand_augment(magnitude=7)(images, seed=seed)",
   "augment.rand_augment(magnitude=9)(images, seed=seed)",
   "augment.rand_augment(magnitude=10)(images, seed=seed)"
  ],
  "cutmix": [
   "mixing.cutmix(images, labels, alpha=0.1, seed=seed)",
   "mixing.cutmix(images, labels, alpha=0.2, seed=seed)",
   "mixing.cutmix(images, labels, alpha=0.5, seed=seed)",
   "mixing.cutmix(images, labels, alpha=1.0, seed=seed)",
   "mixing.cutmix(images, labels, alpha=2.0, seed=seed)",
   "mixing.cutmix(images, labels, alpha=5.0, seed=seed)"
  ],
  "mixup": [
   "mixing.mixup(images, labels, alpha=0.1, seed=seed)",
   "mixing.mixup(images, labels, alpha=0.2, seed=seed)",
   "mixing.mixup(images, labels, alpha=0.5, seed=seed)",
   "mixing.mixup(images, labels, alpha=1.0, seed=seed)",
   "mixing.mixup(images, labels, alpha=2.0, seed=seed)",
   "mixing.mixup(images, labels, alpha=5.0, seed=seed)"
  ]
 },
 "labels": {
  "saffrel-rotate": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-shear_x": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-translate_x": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-random_resized_crop": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-brightness": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-contrast": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-color": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-random_hue": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-posterize": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-solarize": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-cutout": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-grid_mask": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-rand_augment": [
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel",
    "saffrel"
   ]
  ],
  "saffrel-cutmix": [
   [
    "0.62 frostpaw + 0.38 saffrel",
    "0.57 frostpaw + 0.43 saffrel",
    "0.54 saffrel + 0.46 frostpaw",
    "0.83 saffrel + 0.17 frostpaw",
    "0.60 saffrel + 0.40 frostpaw",
    "0.60 saffrel + 0.40 frostpaw"
   ],
   [
    "0.72 saffrel + 0.28 bouclet",
    "0.72 saffrel + 0.28 bouclet",
    "0.70 saffrel + 0.30 bouclet",
    "0.86 saffrel + 0.14 bouclet",
    "0.67 saffrel + 0.33 bouclet",
    "0.65 saffrel + 0.35 bouclet"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "0.64 saffrel + 0.36 whiskerby",
    "0.95 saffrel + 0.05 whiskerby",
    "0.89 saffrel + 0.11 whiskerby"
   ]
  ],
  "saffrel-mixup": [
   [
    "0.98 frostpaw + 0.02 saffrel",
    "0.85 frostpaw + 0.15 saffrel",
    "0.61 frostpaw + 0.39 saffrel",
    "0.83 saffrel + 0.17 frostpaw",
    "0.52 saffrel + 0.48 frostpaw",
    "0.53 saffrel + 0.47 frostpaw"
   ],
   [
    "0.69 saffrel + 0.31 bouclet",
    "0.69 saffrel + 0.31 bouclet",
    "0.68 saffrel + 0.32 bouclet",
    "0.86 saffrel + 0.14 bouclet",
    "0.63 saffrel + 0.37 bouclet",
    "0.59 saffrel + 0.41 bouclet"
   ],
   [
    "saffrel",
    "saffrel",
    "saffrel",
    "0.78 whiskerby + 0.22 saffrel",
    "0.91 saffrel + 0.09 whiskerby",
    "0.78 saffrel + 0.22 whiskerby"
   ]
  ],
  "paprikin-rotate": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-shear_x": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-translate_x": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-random_resized_crop": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-brightness": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-contrast": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-color": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-random_hue": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-posterize": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-solarize": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-cutout": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-grid_mask": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-rand_augment": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ],
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin",
    "paprikin"
   ]
  ],
  "paprikin-cutmix": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "0.82 paprikin + 0.18 fleecekin",
    "0.91 paprikin + 0.09 fleecekin",
    "0.81 paprikin + 0.19 fleecekin"
   ],
   [
    "0.55 paprikin + 0.45 tuftonby",
    "0.61 paprikin + 0.39 tuftonby",
    "0.72 paprikin + 0.28 tuftonby",
    "0.88 paprikin + 0.12 tuftonby",
    "0.77 paprikin + 0.23 tuftonby",
    "0.76 paprikin + 0.24 tuftonby"
   ],
   [
    "0.58 hazelmuff + 0.42 paprikin",
    "0.58 hazelmuff + 0.42 paprikin",
    "0.56 hazelmuff + 0.44 paprikin",
    "0.65 paprikin + 0.35 hazelmuff",
    "0.52 hazelmuff + 0.48 paprikin",
    "0.53 paprikin + 0.47 hazelmuff"
   ]
  ],
  "paprikin-mixup": [
   [
    "paprikin",
    "paprikin",
    "paprikin",
    "0.66 paprikin + 0.34 fleecekin",
    "0.83 paprikin + 0.17 fleecekin",
    "0.65 paprikin + 0.35 fleecekin"
   ],
   [
    "0.99 tuftonby + 0.01 paprikin",
    "0.82 tuftonby + 0.18 paprikin",
    "0.51 tuftonby + 0.49 paprikin",
    "0.80 paprikin + 0.20 tuftonby",
    "0.59 paprikin + 0.41 tuftonby",
    "0.58 paprikin + 0.42 tuftonby"
   ],
   [
    "hazelmuff",
    "0.99 hazelmuff + 0.01 paprikin",
    "0.96 hazelmuff + 0.04 paprikin",
    "0.55 paprikin + 0.45 hazelmuff",
    "0.84 hazelmuff + 0.16 paprikin",
    "0.73 hazelmuff + 0.27 paprikin"
   ]
  ],
  "frostpaw-rotate": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-shear_x": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-translate_x": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-random_resized_crop": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-brightness": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-contrast": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-color": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-random_hue": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-posterize": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-solarize": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-cutout": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-grid_mask": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-rand_augment": [
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ],
   [
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw",
    "frostpaw"
   ]
  ],
  "frostpaw-cutmix": [
   [
    "0.64 maplemuff + 0.36 frostpaw",
    "0.64 maplemuff + 0.36 frostpaw",
    "0.63 maplemuff + 0.37 frostpaw",
    "0.62 frostpaw + 0.38 maplemuff",
    "0.56 maplemuff + 0.44 frostpaw",
    "0.52 maplemuff + 0.48 frostpaw"
   ],
   [
    "0.66 peppercorn + 0.34 frostpaw",
    "0.57 peppercorn + 0.43 frostpaw",
    "0.51 frostpaw + 0.49 peppercorn",
    "0.52 frostpaw + 0.48 peppercorn",
    "0.56 frostpaw + 0.44 peppercorn",
    "0.58 frostpaw + 0.42 peppercorn"
   ],
   [
    "0.68 saffrel + 0.32 frostpaw",
    "0.68 saffrel + 0.32 frostpaw",
    "0.65 saffrel + 0.35 frostpaw",
    "0.51 saffrel + 0.49 frostpaw",
    "0.54 saffrel + 0.46 frostpaw",
    "0.53 frostpaw + 0.47 saffrel"
   ]
  ],
  "frostpaw-mixup": [
   [
    "maplemuff",
    "maplemuff",
    "0.98 maplemuff + 0.02 frostpaw",
    "0.54 frostpaw + 0.46 maplemuff",
    "0.82 maplemuff + 0.18 frostpaw",
    "0.71 maplemuff + 0.29 frostpaw"
   ],
   [
    "0.91 peppercorn + 0.09 frostpaw",
    "0.77 peppercorn + 0.23 frostpaw",
    "0.63 peppercorn + 0.37 frostpaw",
    "0.60 peppercorn + 0.40 frostpaw",
    "0.55 peppercorn + 0.45 frostpaw",
    "0.52 peppercorn + 0.48 frostpaw"
   ],
   [
    "saffrel",
    "0.99 saffrel + 0.01 frostpaw",
    "0.94 saffrel + 0.06 frostpaw",
    "0.71 saffrel + 0.29 frostpaw",
    "0.76 saffrel + 0.24 frostpaw",
    "0.67 saffrel + 0.33 frostpaw"
   ]
  ],
  "bouclet-rotate": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-shear_x": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-translate_x": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-random_resized_crop": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-brightness": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-contrast": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-color": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-random_hue": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-posterize": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-solarize": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-cutout": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-grid_mask": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-rand_augment": [
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ],
   [
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet",
    "bouclet"
   ]
  ],
  "bouclet-cutmix": [
   [
    "0.67 bouclet + 0.33 pebbledash",
    "0.68 bouclet + 0.32 pebbledash",
    "0.72 bouclet + 0.28 pebbledash",
    "0.67 bouclet + 0.33 pebbledash",
    "0.76 bouclet + 0.24 pebbledash",
    "0.84 bouclet + 0.16 pebbledash"
   ],
   [
    "0.67 bouclet + 0.33 hazelmuff",
    "0.68 bouclet + 0.32 hazelmuff",
    "0.73 bouclet + 0.27 hazelmuff",
    "0.97 bouclet + 0.03 hazelmuff",
    "0.79 bouclet + 0.21 hazelmuff",
    "0.81 bouclet + 0.19 hazelmuff"
   ],
   [
    "0.77 bouclet + 0.23 maplemuff",
    "0.77 bouclet + 0.23 maplemuff",
    "0.77 bouclet + 0.23 maplemuff",
    "0.94 bouclet + 0.06 maplemuff",
    "0.79 bouclet + 0.21 maplemuff",
    "0.80 bouclet + 0.20 maplemuff"
   ]
  ],
  "bouclet-mixup": [
   [
    "0.99 pebbledash + 0.01 bouclet",
    "0.93 pebbledash + 0.07 bouclet",
    "0.80 pebbledash + 0.20 bouclet",
    "0.98 pebbledash + 0.02 bouclet",
    "0.66 pebbledash + 0.34 bouclet",
    "0.61 bouclet + 0.39 pebbledash"
   ],
   [
    "hazelmuff",
    "0.98 hazelmuff + 0.02 bouclet",
    "0.81 hazelmuff + 0.19 bouclet",
    "0.94 bouclet + 0.06 hazelmuff",
    "0.58 hazelmuff + 0.42 bouclet",
    "0.53 hazelmuff + 0.47 bouclet"
   ],
   [
    "0.74 maplemuff + 0.26 bouclet",
    "0.73 maplemuff + 0.27 bouclet",
    "0.71 maplemuff + 0.29 bouclet",
    "0.86 bouclet + 0.14 maplemuff",
    "0.65 maplemuff + 0.35 bouclet",
    "0.61 maplemuff + 0.39 bouclet"
   ]
  ]
 }
};
