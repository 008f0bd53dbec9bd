namespace Training.Core.Backbones;

/// <summary>How much a network computes, counted from its shape.</summary>
public static class BackboneCost
{
    /// <summary>Time per image in relation to the built-in backbone at 224 px, which is what machines measure.</summary>
    /// <param name="imageSize">Pixels.</param>
    public static double Relative(BackboneSpec spec, int imageSize) =>
        MultiplyAdds(spec) * spec.Overhead / MultiplyAdds(BackboneCatalog.Get(BackboneCatalog.BuiltIn))
        * Math.Pow((double)imageSize / BackboneSpec.CountedSize, 2);

    /// <summary>Multiply-adds of the convolutions for one image of 224 px; torchvision's documentation lists the same as GFLOPS.</summary>
    public static double MultiplyAdds(BackboneSpec spec) => spec.Convolutions.Sum(convolution => convolution.MultiplyAdds);
}
