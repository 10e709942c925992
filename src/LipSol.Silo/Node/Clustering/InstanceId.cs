using LipSol.Artifacts;

namespace LipSol.Silo.Node;

/// <summary>What tells a node that was started again from another one of the same name: an id that its data folder keeps.</summary>
internal static class InstanceId
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "instance";

    /// <summary>Reads the data folder's id, or makes one. To be called by the node that holds the folder.</summary>
    /// <exception cref="NodeStartException">The file holds something else.</exception>
    public static string ReadOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            var made = Guid.NewGuid().ToString("N");
            DurableFile.Replace(path, System.Text.Encoding.ASCII.GetBytes(made + "\n"));
            return made;
        }
        var kept = File.ReadAllText(path).Trim();
        return Guid.TryParseExact(kept, "N", out _) ? kept : throw new NodeStartException($"{path} holds no id. Delete it, and the node makes a new one.");
    }
}
