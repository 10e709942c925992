using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>The objects that a corpus version consists of, as DVC knows objects: the manifest is a file, its mouth clips are a folder.</summary>
/// <remarks>The folder follows from the manifest, so its hash needn't be kept beside the data hash: <c>ID.npz</c> for each clip that has one.</remarks>
public static class CorpusObjects
{
    /// <summary>What a mouth clip's name ends with in the folder.</summary>
    public const string Extension = ".npz";

    /// <summary>The folder of mouth clips; its hash names the preprocessed set.</summary>
    /// <exception cref="InvalidDataException">A clip's id can't be a path in a folder.</exception>
    public static FolderListing MouthClips(CorpusManifest manifest) =>
        FolderListing.Of(manifest.Clips.Where(c => c.MouthClip is not null).Select(c => new FolderEntry(c.MouthClip!, NameOf(c))));

    // A corpus may have been imported with ./ before its paths.
    private static string NameOf(CorpusClip clip) => string.Join('/', clip.Id.Split('/').Where(part => part is not ("" or "."))) + Extension;
}
