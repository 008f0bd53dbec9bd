using System.Globalization;
using TorchSharp.Modules;
using Training.Core.Engine.Optimizers;
using Training.Core.Recipes;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine.Optimizers;

[Collection(GlobalTorchState.Name)]
public sealed class UpdateRuleTests
{
    private static readonly float[] Start = [0.5f, -1, 2];

    [Theory]
    [InlineData(OptimizerKind.AdamW, "adamW")]
    [InlineData(OptimizerKind.Adam, "adam")]
    [InlineData(OptimizerKind.Sgd, "sgd")]
    public void Apply_FiveStepsWithChangingRates_MovesAsPyTorch(OptimizerKind kind, string name)
    {
        using var scope = NewDisposeScope();
        var steps = Reference.Cases("Engine/Optimizers", "optimizers.txt").Where(step => step[0] == name).ToList();
        Assert.Equal(10, steps.Count);
        foreach (var run in steps.GroupBy(step => step[1]))
        {
            using var parameters = new FlatParameters([new Parameter(tensor(Start), requires_grad: true)]);
            var rule = UpdateRule.Create(kind, parameters);
            foreach (var (index, step) in run.Index())
            {
                using var noGradient = no_grad();
                parameters.Gradients.copy_(tensor(Floats(step[3])));
                rule.Apply(parameters.Values, parameters.Gradients, new Slice(0, Start.Length), index + 1, Number(step[2]),
                    Number(step[1]));

                var expected = Floats(step[4]);
                var actual = parameters.Values.data<float>().ToArray();
                for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6f);
            }
        }
    }

    [Fact]
    public void Apply_ToASlice_LeavesTheRestAlone()
    {
        using var scope = NewDisposeScope();
        using var parameters = new FlatParameters([new Parameter(tensor(Start), requires_grad: true)]);
        var rule = UpdateRule.Create(OptimizerKind.AdamW, parameters);
        using var noGradient = no_grad();
        parameters.Gradients.fill_(1);

        rule.Apply(parameters.Values, parameters.Gradients, new Slice(1, 1), 1, 0.1, 0.05);

        var moved = parameters.Values.data<float>().ToArray();
        Assert.Equal((0.5f, 2f), (moved[0], moved[2]));
        Assert.Equal(-1.095f, moved[1], 1e-5f);
    }

    [Fact]
    public void FlatParameters_OfSeveralShapes_AreViewsThatCollectGradients()
    {
        using var scope = NewDisposeScope();
        var kernel = new Parameter(rand(2, 3, 3, 3), requires_grad: true);
        var bias = new Parameter(rand(2), requires_grad: true);
        var before = kernel.detach().clone();

        using var parameters = new FlatParameters([kernel, bias]);
        (nn.functional.conv2d(ones(1, 3, 3, 3), kernel, bias) * 2).sum().backward();

        Assert.Equal(56, parameters.Count);
        Assert.True(kernel.equal(before).all().item<bool>());
        Assert.All(parameters.Gradients.data<float>().ToArray(), gradient => Assert.Equal(2, gradient));
        using (no_grad()) parameters.Values.zero_();
        Assert.Equal(0, kernel.abs().sum().item<float>() + bias.abs().sum().item<float>());
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static float[] Floats(string text) => [.. Reference.Numbers(text).Select(number => (float)number)];
}
