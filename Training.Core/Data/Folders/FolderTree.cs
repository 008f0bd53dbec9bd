namespace Training.Core.Data.Folders;

/// <summary>Reads a dataset's folders into memory and remembers what it had to leave out.</summary>
internal sealed class FolderTree(FolderWalk walk, CancellationToken cancellationToken)
{
    private const int MaxDepth = 32;

    private readonly Queue<(FolderNode Parent, FolderEntry Link, int Depth)> _links = [];

    /// <summary>What can't be used, each with its reason; not the foreign names.</summary>
    public List<FolderEntry> Unusable { get; } = [];

    /// <summary>Folders that hold names that are no UTF-8.</summary>
    public List<(string Folder, ForeignNames Names)> Foreign { get; } = [];

    public int LitterCount { get; private set; }

    /// <summary>Full path.</summary>
    public string? FirstLitter { get; private set; }

    public FolderNode Read(string root)
    {
        var node = new FolderNode(Path.GetFileName(root), root);
        _ = walk.Enter(root);
        Fill(node, depth: 0);
        while (_links.TryDequeue(out var waiting)) Follow(waiting.Parent, waiting.Link, waiting.Depth);
        node.CountImages();
        return node;
    }

    private void Follow(FolderNode parent, FolderEntry link, int depth)
    {
        if (!walk.Enter(link.FullPath))
        {
            Unusable.Add(FolderWalk.LeadsBack(link));
            return;
        }
        var node = new FolderNode(link.Name, link.FullPath);
        var place = parent.Folders.FindIndex(other => string.CompareOrdinal(other.Name, node.Name) > 0);
        parent.Folders.Insert(place < 0 ? parent.Folders.Count : place, node);
        Fill(node, depth);
    }

    private void Fill(FolderNode node, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ForeignNames? foreign = null;
        foreach (var entry in walk.Read(node.FullPath))
        {
            switch (entry.Kind)
            {
                case EntryKind.File: node.Files.Add(entry.Name); break;
                case EntryKind.Folder: Add(node, entry, depth + 1); break;
                case EntryKind.Link: _links.Enqueue((node, entry, depth + 1)); break;
                case EntryKind.Litter: AddLitter(entry); break;
                case EntryKind.Unusable when entry.Foreign is null: Unusable.Add(entry); break;
                default: foreign = entry.Foreign; break;
            }
        }
        if (foreign is { Names.Count: > 0 }) Foreign.Add((node.FullPath, foreign));
    }

    private void Add(FolderNode node, FolderEntry entry, int depth)
    {
        if (!walk.Enter(entry.FullPath))
        {
            // Not the one that holds the validation split.
            if (!walk.IsApart(entry.FullPath)) Unusable.Add(FolderWalk.IsReadAlready(entry));
            return;
        }
        if (depth > MaxDepth)
        {
            Unusable.Add(entry with { Reason = "lies deeper than folders are read", Remedy = "Move the images nearer to their class's "
                + "folder." });
            return;
        }
        var folder = new FolderNode(entry.Name, entry.FullPath);
        node.Folders.Add(folder);
        Fill(folder, depth);
    }

    private void AddLitter(FolderEntry entry)
    {
        LitterCount++;
        FirstLitter ??= entry.FullPath;
    }
}
