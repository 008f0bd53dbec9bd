using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Engine.Losses;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine.Losses;

[Collection(GlobalTorchState.Name)]
public sealed class ClassificationLossTests
{
    private static readonly ComputeDevice Cpu = new(CPU, ScalarType.Float32);
    private static readonly float[] Logits = [2, -1, 0.5f, 0.1f, 0.2f, -3, -1.5f, 4, 0, 0, 0, 1];
    private static readonly long[] Labels = [0, 2, 1, 1];

    /// <summary>One of class 0, two of class 1, one of class 2: weights 4/3, 2/3, 4/3.</summary>
    private static readonly IReadOnlyList<Sample> Samples =
        [.. Labels.Select((label, id) => new Sample(id, $"{id}.png", (int)label, Split.Train))];

    [Fact]
    public void Of_SmoothingWeightsAndMixtures_GivesPyTorchsLossAndGradient()
    {
        using var scope = NewDisposeScope();
        var cases = Reference.Cases("Engine/Losses", "losses.txt").ToList();
        Assert.Equal(8, cases.Count);
        foreach (var line in cases)
        {
            var recipe = SessionRun.Scratch with
            {
                LabelSmoothing = Number(line[0]), ClassBalance = line[1] == "none" ? ClassBalanceKind.None : ClassBalanceKind.Weights,
            };
            using var criterion = new ClassificationLoss(recipe, Samples, 3, Cpu);
            var logits = tensor(Logits, [4, 3], requires_grad: true);
            var labels = tensor(Labels);
            var share = Number(line[2]);

            var loss = criterion.Of(logits, share < 1 ? new Targets(labels, labels.flip(0), share) : new Targets(labels));
            loss.backward();

            Assert.Equal(Number(line[3]), loss.item<float>(), 1e-5);
            var gradient = logits.grad!.data<float>().ToArray();
            Assert.Equal(Reference.Numbers(line[4]), gradient.Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
        }
    }

    [Fact]
    public void WeightsOf_AClassWithoutImages_IsZero() =>
        Assert.Equal([1, 0.5f, 1, 0], ClassificationLoss.WeightsOf(Samples, 4));

    private static double Number(string text) => Reference.Numbers(text)[0];
}
