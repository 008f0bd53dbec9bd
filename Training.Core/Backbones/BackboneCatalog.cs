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
        new ResNetSpec(BuiltIn, "ResNet-18 (built in)", BlockKind.Basic, [2, 2, 2, 3], new WeightsSource("ResNet18.onnx", null, "e2552f19"))
        {
            Parameters = 16_410_152,
        },
        new ResNetSpec("resnet18", "ResNet-18", BlockKind.Basic, [2, 2, 2, 2],
            Torchvision("resnet18-f37072fd.pth")) { Parameters = 11_689_512 },
        new ResNetSpec("resnet34", "ResNet-34", BlockKind.Basic, [3, 4, 6, 3],
            Torchvision("resnet34-b627a593.pth")) { Parameters = 21_797_672 },
        Bottleneck("resnet50", "ResNet-50", [3, 4, 6, 3], "resnet50-0676ba61.pth") with { Parameters = 25_557_032 },
        Bottleneck("resnet101", "ResNet-101", [3, 4, 23, 3], "resnet101-63fe2227.pth") with { Parameters = 44_549_160 },
        Bottleneck("resnet152", "ResNet-152", [3, 8, 36, 3], "resnet152-394f9c45.pth") with { Parameters = 60_192_808 },
        Bottleneck("wide_resnet50_2", "Wide ResNet-50-2", [3, 4, 6, 3], "wide_resnet50_2-9ba9bcbe.pth") with { Parameters = 68_883_240,
            WidthPerGroup = 128 },
        Bottleneck("resnext50_32x4d", "ResNeXt-50 32x4d", [3, 4, 6, 3], "resnext50_32x4d-1a0047aa.pth") with { Parameters = 25_028_904,
            Groups = 32, WidthPerGroup = 4 },
        // Overheads: time of one core per image (bf16, AVX512-BF16, evaluation and training) beside the built-in network's.
        MobileSpecs.MobileNetV2(Torchvision("mobilenet_v2-b0353104.pth")) with { Parameters = 3_504_872, Overhead = 3.4 },
        MobileSpecs.MobileNetV3Small(Torchvision("mobilenet_v3_small-047dcff4.pth")) with { Parameters = 2_542_856, Overhead = 5.2 },
        MobileSpecs.MobileNetV3Large(Torchvision("mobilenet_v3_large-8738ca79.pth")) with { Parameters = 5_483_032, Overhead = 4.1 },
        MobileSpecs.EfficientNetB0(Torchvision("efficientnet_b0_rwightman-7f5810bc.pth")) with { Parameters = 5_288_548, Overhead = 4.9 },
    ];

    /// <exception cref="ArgumentException">No backbone has this name; the message lists the names.</exception>
    public static BackboneSpec Get(string name) =>
        All.FirstOrDefault(spec => spec.Name == name) ?? throw new ArgumentException(
            $"No backbone is called '{name}'. Known are {string.Join(", ", All.Select(spec => spec.Name))}.", nameof(name));

    // timm's benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv: resnet18 3,482 and resnet50 1,218 images/s, a ratio of 2.86 where the
    // multiply-adds say 2.26: three thin convolutions move more memory than two thick ones.
    private static ResNetSpec Bottleneck(string name, string title, IReadOnlyList<int> blocks, string file) =>
        new(name, title, BlockKind.Bottleneck, blocks, Torchvision(file)) { Overhead = 1.27 };

    /// <summary>torchvision's file names end with the first digits of their SHA-256.</summary>
    private static WeightsSource Torchvision(string file) =>
        new(file, new Uri($"https://download.pytorch.org/models/{file}"), Path.GetFileNameWithoutExtension(file).Split('-')[^1]);
}
