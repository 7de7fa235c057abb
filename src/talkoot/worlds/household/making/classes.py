"""The classes of nodes that our apartments are made of: category, usual size, properties.

Category and property names are VirtualHome's (reference, 2.1). Sizes are ours, in round figures near the usual ones of
such furniture in VirtualHome (reference, 2.3 and Appendix A): metres, (along the wall, up, off the wall). The sizes of
the goal classes are the published ones, rounded to centimetres, because the sampling rule for surfaces counts
footprints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PROPERTIES = {
    "g": "GRABBABLE", "m": "MOVABLE", "o": "CAN_OPEN", "c": "CONTAINERS", "s": "SURFACES", "t": "SITTABLE",
    "l": "LIEABLE", "w": "HAS_SWITCH", "p": "HAS_PLUG", "k": "LOOKABLE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What is usual for a class; a node may differ in size."""

    category: str
    size: tuple[float, float, float]
    properties: frozenset[str]


# Per category one line a class: name, width, height, depth, letters of its properties.
_TABLE = {
    "Floor": "floor 2.5 0.01 2.5",
    "Ceiling": "ceiling 2.5 0.01 2.5",
    "Walls": "wall 2.5 2.5 0.05",
    "Windows": "window 1.6 1.02 0.11",
    "Doors": """
        door 0.93 1.0 0.93 o
        doorjamb 0.93 2.06 0.12""",
    "Appliances": """
        fridge 0.89 2.1 0.71 ocwp
        stove 1.0 1.08 0.82 socw
        dishwasher 0.97 1.02 0.79 ocw
        microwave 0.54 0.32 0.4 ocwp
        coffeemaker 0.3 0.36 0.28 wpm
        toaster 0.32 0.2 0.22 wpm
        stovefan 0.82 0.45 0.6 w
        coffeepot 0.29 0.13 0.28 gm
        washingmachine 0.66 1.0 0.72 ocwp""",
    "Furniture": """
        kitchencounter 1.5 1.05 0.77 s
        kitchencabinet 0.8 0.7 0.4 soc
        kitchentable 1.65 0.9 1.25 sm
        bench 1.55 0.5 0.35 stlm
        chair 0.48 1.0 0.48 stm
        sofa 2.3 0.9 1.04 stlm
        coffeetable 1.28 0.42 0.95 sm
        tvstand 2.0 0.5 0.5 sm
        desk 1.9 0.95 0.9 som
        bookshelf 1.3 1.5 0.38 s
        cabinet 1.18 1.05 0.4 soc
        closet 1.5 2.36 0.6 oc
        nightstand 0.55 0.48 0.45 som
        bed 1.9 0.33 2.4 stl
        bathroomcabinet 1.8 0.76 0.14 soc
        bathroomcounter 1.9 0.9 0.62 s
        toilet 0.5 0.46 0.67 oct
        bathtub 1.75 0.82 0.85 l
        stall 1.2 2.3 1.2 o
        towelrack 0.5 0.03 0.09 s
        wallshelf 1.0 0.18 0.27 s
        coatrack 0.4 1.9 0.36 m
        sink 0.6 0.04 0.3 c
        faucet 0.1 0.1 0.1 w
        hanger 0.45 0.24 0.05 g
        clothesshirt 0.4 0.69 0.27 g
        clothespants 0.3 0.61 0.22 g""",
    "Lamps": """
        ceilinglamp 0.5 0.27 0.5 w
        walllamp 0.17 0.5 0.16 w
        tablelamp 0.32 0.55 0.32 wpm""",
    "Electronics": """
        tv 1.15 0.8 0.25 wpk
        computer 0.3 0.6 0.5 wp
        cpuscreen 0.8 0.6 0.22 wk
        keyboard 0.5 0.04 0.2 gm
        mouse 0.1 0.04 0.13 gm
        mousemat 0.3 0.01 0.25 m
        lightswitch 0.07 0.09 0.02 w
        powersocket 0.09 0.15 0.02 p
        wallphone 0.12 0.27 0.08 g
        radio 0.34 0.25 0.2 wpgm
        remotecontrol 0.22 0.03 0.07 gm
        cellphone 0.12 0.02 0.07 gm
        speaker 0.35 1.1 0.37 wm""",
    "Decor": """
        rug 2.4 0.01 1.7 m
        curtains 0.5 1.2 0.1 o
        wallpictureframe 0.8 0.6 0.04 k
        pillow 0.5 0.15 0.4 gm
        orchid 0.24 0.35 0.24 m
        vase 0.2 0.4 0.2 gm
        photoframe 0.17 0.21 0.06 gm
        candle 0.08 0.14 0.08 gm
        guitar 0.4 1.0 0.3 gm
        standingmirror 0.64 1.79 0.1 k""",
    "Food": """
        apple 0.1 0.12 0.11 gm
        cupcake 0.1 0.1 0.1 gm
        juice 0.18 0.41 0.18 gmoc
        pancake 0.2 0.08 0.2 gm
        poundcake 0.27 0.1 0.27 gm
        pudding 0.13 0.07 0.13 gm
        wine 0.11 0.43 0.11 gmoc
        bananas 0.25 0.09 0.12 gm
        peach 0.09 0.09 0.09 gm
        plum 0.09 0.07 0.08 gm
        lime 0.07 0.08 0.08 gm
        bellpepper 0.16 0.17 0.18 gm
        carrot 0.26 0.08 0.1 gm
        breadslice 0.2 0.2 0.1 gm
        cereal 0.22 0.29 0.1 gm
        chips 0.2 0.26 0.16 gm
        crackers 0.19 0.06 0.24 gm
        chocolatesyrup 0.12 0.2 0.12 gm
        condimentbottle 0.06 0.2 0.06 gm
        condimentshaker 0.05 0.1 0.05 gm
        milk 0.12 0.24 0.12 gm
        candybar 0.15 0.03 0.06 gm
        whippedcream 0.09 0.2 0.09 gm
        bottlewater 0.08 0.28 0.08 gm""",
    "Props": """
        plate 0.29 0.02 0.29 gms
        cutleryfork 0.26 0.02 0.03 gm
        waterglass 0.09 0.12 0.09 gm
        wineglass 0.09 0.19 0.09 gm
        book 0.24 0.03 0.31 gm
        cutleryknife 0.25 0.01 0.02 gm
        dishbowl 0.22 0.08 0.22 gm
        mug 0.12 0.1 0.09 gm
        cookingpot 0.35 0.12 0.3 gm
        fryingpan 0.45 0.07 0.3 gm
        knifeblock 0.2 0.25 0.12 m
        cuttingboard 0.4 0.01 0.28 gm
        dishwashingliquid 0.1 0.28 0.07 gm
        washingsponge 0.12 0.05 0.08 gm
        garbagecan 0.33 0.42 0.33 mc
        box 0.4 0.3 0.35 gm
        folder 0.28 0.32 0.08 gm
        paper 0.2 0.01 0.27 gm
        notes 0.15 0.01 0.2 gm
        magazine 0.22 0.01 0.29 gm
        clothespile 0.35 0.12 0.28 gm
        towel 0.35 0.5 0.06 gm
        towelrolled 0.3 0.09 0.14 gm
        slippers 0.26 0.07 0.24 gm
        toy 0.22 0.15 0.2 gm
        sportsball 0.2 0.2 0.2 gm
        deodorant 0.05 0.15 0.05 gm
        facecream 0.07 0.04 0.07 gm
        hairproduct 0.09 0.18 0.09 gm
        painkillers 0.08 0.13 0.08 gm
        perfume 0.06 0.15 0.06 gm
        toothbrush 0.03 0.2 0.08 gm
        toothpaste 0.16 0.04 0.06 gm
        barsoap 0.14 0.04 0.09 gm
        toiletpaper 0.15 0.17 0.15 gm""",
}


def _kinds() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for category, lines in _TABLE.items():
        for line in lines.strip().splitlines():
            name, width, height, depth, *letters = line.split()
            properties = frozenset(_PROPERTIES[letter] for letter in "".join(letters))
            kinds[name] = Kind(category, (float(width), float(height), float(depth)), properties)
    for room in ("livingroom", "kitchen", "bedroom", "bathroom"):
        kinds[room] = Kind("Rooms", (5.0, 2.5, 5.0), frozenset())
    return kinds


KINDS: Mapping[str, Kind] = _kinds()
"""What is usual for each class that we know, by its name."""
