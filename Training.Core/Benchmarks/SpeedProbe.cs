using System.Diagnostics;
using SkiaSharp;
using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Devices;
using Training.Core.Engine.Optimizers;
using Training.Core.Images;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Benchmarks;

/// <summary>A short measurement of how fast this machine trains, for the estimate in the form.</summary>
public static class SpeedProbe
{
    private const int ImageSize = 224;
    private const int BatchSize = 16;
    private const int Rounds = 2;

    /// <summary>Takes a few seconds; loads libtorch, so it runs in a process of its own.</summary>
    public static MachineSpeed Measure()
    {
        using var scope = NewDisposeScope();
        var recipe = new Recipe { Dataset = "", Mode = TrainingMode.FineTune };
        var device = ComputeDevice.Choose(PrecisionKind.Auto);
        var network = PretrainedWeights.Create(BackboneCatalog.Get(BackboneCatalog.BuiltIn), 2);
        network.to(device.Device);
        network.UseChannelsLast();
        var images = network.Prepare(randn([BatchSize, 3, ImageSize, ImageSize], device: device.Device), device.Images);
        var labels = zeros([BatchSize], ScalarType.Int64, device.Device);
        using var optimizer = new ScheduledOptimizer(recipe, network, 1000);
        var step = 0;

        network.SetTraining(true, freezeBatchNorm: false);
        var train = PerSecond(() =>
        {
            optimizer.BeginStep(++step);
            var loss = nn.functional.cross_entropy(network.call(images), labels);
            loss.backward();
            optimizer.Step();
            loss.item<float>();
        });
        network.SetTraining(false, freezeBatchNorm: false);
        using var noGradient = no_grad();
        var evaluate = PerSecond(() => network.call(images).sum().item<float>());
        return new MachineSpeed(train, evaluate, MeasureDecoding());
    }

    private static double PerSecond(Action pass)
    {
        Run(pass); // the first pass chooses kernels
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Rounds; i++) Run(pass);
        return Rounds * BatchSize / watch.Elapsed.TotalSeconds;
    }

    private static void Run(Action pass)
    {
        using var scope = NewDisposeScope();
        pass();
    }

    private static double MeasureDecoding()
    {
        const int images = 64;
        var file = Path.Combine(Path.GetTempPath(), $"speed-probe-{Guid.NewGuid():N}.jpg");
        try
        {
            File.WriteAllBytes(file, Photo());
            var watch = Stopwatch.StartNew();
            Parallel.For(0, images, _ => ImageDecoder.DecodeSquare(
                file, ImageSize, ResizeKind.CentreCrop, null, new byte[ImageSize * ImageSize * 3]));
            return images / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>500 x 375 px of noise over a gradient: about the detail of a photo.</summary>
    private static byte[] Photo()
    {
        using var surface = SKSurface.Create(new SKImageInfo(500, 375));
        using var gradient = SKShader.CreateLinearGradient(default, new SKPoint(500, 375), [SKColors.SteelBlue, SKColors.Wheat],
            SKShaderTileMode.Clamp);
        using var noise = SKShader.CreatePerlinNoiseFractalNoise(0.05f, 0.05f, 4, 1);
        using var paint = new SKPaint { Shader = SKShader.CreateCompose(gradient, noise, SKBlendMode.SoftLight) };
        surface.Canvas.DrawPaint(paint);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }
}
