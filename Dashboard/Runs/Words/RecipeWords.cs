namespace Dashboard.Runs.Words;

/// <summary>What keeps a recipe from being run: each member says what is wrong and what to do.</summary>
internal static class RecipeWords
{
    private const string AnotherRunOrImageNet = "Choose another run, or start from ImageNet's weights.";

    public static (string Message, string Remedy) NameMissing => ("A run needs a name.", "Write one.");

    public static (string Message, string Remedy) NoDataset(string named) =>
        ($"There is no dataset “{named}”.", "Choose another one; GET /api/datasets lists them.");

    public static (string Message, string Remedy) DatasetIsLookedThrough(string dataset) =>
        ($"“{dataset}” is still being looked through.", "Wait until it is ready.");

    public static (string Message, string Remedy) DatasetFailed(string dataset, string why) =>
        ($"“{dataset}” can't be used: {why}", "Repair it and look through it again, or choose another one.");

    /// <param name="backbone">Its title.</param>
    /// <param name="name">As the API names it.</param>
    /// <param name="offline">What to do without a network.</param>
    public static (string Message, string Remedy) WeightsMissing(string backbone, string name, string offline) =>
        ($"The pretrained weights of {backbone} are not here.",
            $"Download them: the form has a button, programs POST /api/backbones/{name}/download. Offline: {offline}");

    public static (string Message, string Remedy) NoMachine(string named, IEnumerable<string> known) =>
        ($"There is no machine “{named}”.", $"Take one of: {string.Join(", ", known)}.");

    public static (string Message, string Remedy) NoRunToStartFrom(string named) =>
        ($"There is no run “{named}” to start from; it may have been deleted.", "Choose another one, or start from ImageNet's weights.");

    public static (string Message, string Remedy) StartLeftNoModel(string run) => ($"“{run}” left no model.", AnotherRunOrImageNet);

    public static (string Message, string Remedy) StartIsNotOver(string run) => ($"“{run}” is not over yet.", AnotherRunOrImageNet);

    public static (string Message, string Remedy) StartCantBeUsed(string run, string why) =>
        ($"The model of “{run}” can't be used: {why}", AnotherRunOrImageNet);
}
