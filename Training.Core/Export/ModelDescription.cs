using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>classes.json: what someone needs beside best_model.pth to use it.</summary>
public sealed record ModelDescription
{
    public required IReadOnlyList<string> Classes { get; init; }
    public required string Backbone { get; init; }

    /// <summary>How to build the same network in torchvision, such as "ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)".</summary>
    public required string Torchvision { get; init; }

    public required int ImageSize { get; init; }
    public required ResizeKind Resize { get; init; }
    public required IReadOnlyList<float> Mean { get; init; }
    public required IReadOnlyList<float> Deviation { get; init; }
    public int? BestEpoch { get; init; }
    public double? ValAccuracy { get; init; }
}
