using TorchSharp.Modules;
using Training.Core.Backbones;
using Training.Core.Recipes;

namespace Training.Core.Engine.Optimizers;

/// <summary>Parameters with one rate and one decay.</summary>
/// <param name="RateFactor">Part of the recipe's rate.</param>
internal sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, double RateFactor, double WeightDecay);

/// <summary>Which parameters a recipe moves, and how fast.</summary>
internal static class ParameterGroups
{
    /// <summary>
    /// The head, then the backbone from its last stage to its first. Frozen stages are left out and ask for no gradients.
    /// </summary>
    public static IEnumerable<ParameterGroup> Of(Recipe recipe, ImageClassifier network) =>
        Sides(recipe, network).SelectMany(side => Split(side.Parameters, side.RateFactor, recipe.WeightDecay));

    private static IEnumerable<(IReadOnlyList<Parameter> Parameters, double RateFactor)> Sides(Recipe recipe, ImageClassifier network)
    {
        yield return (network.HeadParameters, 1);
        if (recipe.Mode == TrainingMode.Transfer) yield break;
        var stages = network.BackboneStages;
        var factor = recipe.BackboneRateFactor;
        for (var stage = stages.Count - 1; stage >= 0; stage--)
        {
            if (IsFrozen(recipe, stage)) foreach (var parameter in stages[stage]) parameter.requires_grad = false;
            else yield return (stages[stage], factor);
            factor *= recipe.LayerRateDecay;
        }
    }

    /// <param name="stage">From 0, at the image.</param>
    private static bool IsFrozen(Recipe recipe, int stage) => recipe.Mode == TrainingMode.FineTune && stage < recipe.FrozenStages;

    private static IEnumerable<ParameterGroup> Split(IReadOnlyList<Parameter> parameters, double factor, double weightDecay)
    {
        // Norms and biases are the parameters with one dimension.
        var decaying = parameters.Where(parameter => parameter.dim() > 1).ToList();
        var others = parameters.Where(parameter => parameter.dim() <= 1).ToList();
        if (decaying.Count > 0) yield return new ParameterGroup(decaying, factor, weightDecay);
        if (others.Count > 0) yield return new ParameterGroup(others, factor, 0);
    }
}
