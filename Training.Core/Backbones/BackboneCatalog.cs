namespace Training.Core.Backbones;

/// <summary>The networks that a recipe can name.</summary>
public static class BackboneCatalog
{
    /// <summary>ResNet-18 of the ONNX file that ships with the product: basic blocks [2,2,2,3], ImageNet weights, no download.</summary>
    public const string BuiltIn = "resnet18-builtin";

    /// <summary>
    /// torchvision's first ImageNet weights ("V1") wherever their file has today's zip format: the newer recipes gain on ImageNet by
    /// label smoothing, mixup and averaging, which leave features that a linear head separates less well (Kornblith et al., "Why Do
    /// Better Loss Functions Lead to Less Transferable Features?", 2021), and a linear head on frozen features is this product's
    /// default. The V1 files of the wide and the grouped network are older than the zip format, so these two take V2.
    /// </summary>
    public static IReadOnlyList<BackboneSpec> All { get; } =
    [
        new(BuiltIn, "ResNet-18 (built in)", BlockKind.Basic, [2, 2, 2, 3], 512,
            new WeightsSource("ResNet18.onnx", null, "e2552f19")),
        Torchvision("resnet18", "ResNet-18", BlockKind.Basic, [2, 2, 2, 2], "f37072fd"),
        Torchvision("resnet34", "ResNet-34", BlockKind.Basic, [3, 4, 6, 3], "b627a593"),
        Torchvision("resnet50", "ResNet-50", BlockKind.Bottleneck, [3, 4, 6, 3], "0676ba61"),
        Torchvision("resnet101", "ResNet-101", BlockKind.Bottleneck, [3, 4, 23, 3], "63fe2227"),
        Torchvision("resnet152", "ResNet-152", BlockKind.Bottleneck, [3, 8, 36, 3], "394f9c45"),
        Torchvision("wide_resnet50_2", "Wide ResNet-50-2", BlockKind.Bottleneck, [3, 4, 6, 3], "9ba9bcbe") with { WidthPerGroup = 128 },
        Torchvision("resnext50_32x4d", "ResNeXt-50 32x4d", BlockKind.Bottleneck, [3, 4, 6, 3], "1a0047aa") with { Groups = 32, WidthPerGroup = 4 },
    ];

    /// <exception cref="ArgumentException">No backbone has this name; the message lists the names.</exception>
    public static BackboneSpec Get(string name) =>
        All.FirstOrDefault(spec => spec.Name == name) ?? throw new ArgumentException(
            $"No backbone is called '{name}'. Known are {string.Join(", ", All.Select(spec => spec.Name))}.", nameof(name));

    private static BackboneSpec Torchvision(string name, string title, BlockKind block, IReadOnlyList<int> blocks, string hash)
    {
        var file = $"{name}-{hash}.pth";
        var source = new WeightsSource(file, new Uri($"https://download.pytorch.org/models/{file}"), hash);
        return new BackboneSpec(name, title, block, blocks, block == BlockKind.Basic ? 512 : 2048, source);
    }
}
