namespace LipSol.Kernel.Packages;

/// <summary>The packages of the LipSol that this kernel is part of: the folder that the build fills.</summary>
internal static class OwnFeed
{
    private const string Package = "LipSol.Notebooks.*.nupkg";

    /// <summary><c>LIPSOL_FEED</c>, or <c>.build/feed</c> of the checkout that this program was built in; null where there is none.</summary>
    public static string? Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("LIPSOL_FEED") is { Length: > 0 } given) return Directory.Exists(given) ? Path.GetFullPath(given) : null;
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var feed = Path.Combine(folder.FullName, ".build", "feed");
                if (Directory.Exists(feed) && Directory.EnumerateFiles(feed, Package).Any()) return feed;
            }

            return null;
        }
    }
}
