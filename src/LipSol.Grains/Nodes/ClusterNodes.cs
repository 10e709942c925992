
namespace LipSol.Grains.Nodes;

/// <summary>The nodes of the cluster as its membership knows them. A node's name is its silo's name.</summary>
internal sealed class ClusterNodes(IClusterMembershipService membership, ILocalSiloDetails local)
{
    /// <summary>Names of the nodes that are up, in order.</summary>
    public List<string> Active => [.. Members().Select(m => m.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The node that runs this code.</summary>
    public string Local => local.Name;

    /// <summary>The address of a node, or null where no such node is up. Of two silos of one name the younger is it: the other is one that hasn't been noticed dead.</summary>
    public SiloAddress? Find(string node) =>
        Members().Where(m => m.Name == node).OrderByDescending(m => m.SiloAddress.Generation).FirstOrDefault()?.SiloAddress;

    /// <summary>Each change of the membership, from now on.</summary>
    public IAsyncEnumerable<ClusterMembershipSnapshot> Changes => membership.MembershipUpdates;

    /// <summary>Whether the cluster has declared this node dead, and no other silo has come up, or is coming up, under its name.</summary>
    public bool IsDead(string node)
    {
        List<ClusterMember> named = [.. membership.CurrentSnapshot.Members.Values.Where(m => m.Name == node)];
        return named.Count > 0 && named.TrueForAll(m => m.Status == SiloStatus.Dead);
    }

    private IEnumerable<ClusterMember> Members() => membership.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active);
}
