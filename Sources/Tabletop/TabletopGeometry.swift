/// Sizes and limits of the simulated cell, metres and radians. Where robosuite's Lift has a value, it is the same.
public enum TabletopGeometry {
    /// Height of the table's surface above the floor.
    public static let tableHeight = 0.8
    /// Half the side of the square table, which is centred on the origin.
    public static let tableHalfSide = 0.4
    public static let cubeHalfSize = 0.02

    /// Where the arm stands, on the side of negative x.
    public static let base = Vector(-0.56, 0, 0.912)

    /// The grip site may move in this box; its lower side keeps the finger tips 2 mm above the table.
    public static let workspaceLow = Vector(-0.3, -0.3, tableHeight + fingerTip + 0.002)
    public static let workspaceHigh = Vector(0.3, 0.3, 1.2)
    /// Largest angle between the hand's approach axis and straight down.
    public static let largestTilt = 0.8

    /// From the hand's origin along its approach axis to the grip site between the finger pads.
    public static let gripSite = 0.1034
    /// Half the palm's depth, width along the finger axis and height; its upper side is the hand's origin.
    public static let palmHalf = Vector(0.03, 0.1, 0.033)
    /// From the grip site down to the finger tips.
    public static let fingerTip = 0.01
    /// Half the width of a finger pad, across the finger axis.
    public static let padHalfWidth = 0.01
    /// Half the thickness of a finger, along the finger axis.
    public static let fingerHalfThickness = 0.006
    /// Largest distance of one finger's inner face from the middle.
    public static let fingerTravel = 0.04
}
