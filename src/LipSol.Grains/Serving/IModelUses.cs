namespace LipSol.Grains.Serving;

/// <summary>Keeps models in this node's memory while something is done with them that isn't a read through a replica. A singleton of the silo.</summary>
public interface IModelUses
{
    /// <summary>The node doesn't let go of the model until this is disposed; afterwards it does, unless something else needs it.</summary>
    IDisposable Use(string modelArtifact);
}
