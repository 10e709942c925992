using System.Text;
using LipSol.Artifacts;

namespace LipSol.Silo.Node;

/// <summary>The file <c>shared</c> in a data folder: where corpora and artifacts lie, if not there. The command line's corpus commands, which need no node, go by it.</summary>
internal static class SharedFolderFile
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "shared";

    /// <summary>Writes down where this start of the node has them.</summary>
    /// <exception cref="NodeStartException">The shared folder isn't there: a folder made in its place, where a disk isn't mounted, would look like lost data.</exception>
    public static void Keep(NodeOptions options)
    {
        var path = Path.Combine(options.DataFolder, FileName);
        if (options.SharedFolder is not { } shared)
        {
            File.Delete(path);
            return;
        }
        if (!Directory.Exists(shared)) throw new NodeStartException($"The shared folder {shared} doesn't exist. Make it once, or see that its disk is mounted.");
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(shared + "\n"));
    }
}
