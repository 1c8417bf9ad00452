// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import sagebrush

/// Changes and their taking back, in one session from a pipe: it asks nothing there.
@Suite struct UndoTests {
    private func run(_ runner: ProgramRunner, _ lines: String...) throws -> ProgramRunner.Outcome {
        try runner.run([], input: lines.joined(separator: "\n") + "\n")
    }

    private let trust =
        #"'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}'"#

    @Test func overwrittenAndDeletedObjectsComeBack() throws {
        let outcome = try run(
            try ProgramRunner(),
            "s3 mb s3://undo-bucket; echo one > f; aws s3 cp f s3://undo-bucket/k --content-type text/x-one --no-progress >/dev/null",
            "echo two > f; aws s3 cp f s3://undo-bucket/k --no-progress >/dev/null",
            "undo >/dev/null; aws s3 cp s3://undo-bucket/k -",
            "aws s3api head-object --bucket undo-bucket --key k --query ContentType --output text",
            "aws s3 rm s3://undo-bucket/k >/dev/null; undo; aws s3 cp s3://undo-bucket/k -",
            "undo > /dev/null; aws s3 ls s3://undo-bucket | wc -l",
            "undo; aws s3 ls | wc -l; undo")
        #expect(
            outcome.output == """
                make_bucket: undo-bucket
                one
                text/x-one
                Takes back: s3 rm s3://undo-bucket/k
                  puts s3://undo-bucket/k back as it was
                Done.
                one
                0
                Takes back: s3 mb s3://undo-bucket
                  deletes the bucket undo-bucket
                Done.
                0
                Nothing to take back.

                """)
    }

    @Test func aCommandOfManyCallsIsTakenBackWhole() throws {
        let outcome = try run(
            try ProgramRunner(),
            "mkdir d; for i in 1 2 3; do echo $i > d/$i; done; aws s3 mb s3://undo-many > /dev/null",
            "aws s3 sync d s3://undo-many --no-progress > /dev/null; aws s3 rb s3://undo-many --force > /dev/null",
            "undo > /dev/null; aws s3 ls s3://undo-many | wc -l; aws s3 cp s3://undo-many/2 -",
            "undo | tail -1; aws s3 ls s3://undo-many | wc -l")
        #expect(outcome.output == "3\n2\nDone.\n0\n")
    }

    @Test func versionsAreTakenBackByThemselves() throws {
        let outcome = try run(
            try ProgramRunner(),
            "aws s3 mb s3://undo-versions > /dev/null",
            "s3api put-bucket-versioning --bucket undo-versions --versioning-configuration Status=Enabled",
            "echo one | aws s3 cp - s3://undo-versions/k; echo two | aws s3 cp - s3://undo-versions/k",
            "undo > /dev/null; aws s3 cp s3://undo-versions/k -",
            "aws s3 rm s3://undo-versions/k > /dev/null; undo > /dev/null; aws s3 cp s3://undo-versions/k -")
        #expect(outcome.output == "one\none\n")
    }

    @Test func whatOthersBuiltOnStays() throws {
        let runner = try ProgramRunner()
        let refused = try run(
            runner,
            "s3 mb s3://undo-full > /dev/null; echo x > x",
            // Without the session it is as from another shell.
            "env -u SAGEBRUSH_SESSION aws s3 cp x s3://undo-full/x --no-progress > /dev/null",
            "undo; echo status $?; undo --skip; undo")
        #expect(refused.output.contains("no longer empty"))
        #expect(refused.output.contains("status 1\nLeft as it is: s3 mb s3://undo-full\nNothing to take back."))
        #expect(try runner.aws("s3 ls s3://undo-full").output.contains(" x"))
    }

    @Test func somebodyElsesLaterChangeStays() throws {
        let runner = try ProgramRunner()
        let outcome = try run(
            runner,
            "aws s3 mb s3://undo-two > /dev/null; echo one | aws s3 cp - s3://undo-two/k",
            "echo two | env -u SAGEBRUSH_SESSION aws s3 cp - s3://undo-two/k",
            "undo; aws s3 cp s3://undo-two/k -")
        #expect(outcome.output.contains("written again since"))
        #expect(outcome.output.hasSuffix("two\n"))
    }

    @Test func rolesAndTheirPolicies() throws {
        let outcome = try run(
            try ProgramRunner(),
            "aws iam create-role --role-name lab --assume-role-policy-document \(trust) --tags Key=a,Value=b > /dev/null",
            "aws iam attach-role-policy --role-name lab --policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess",
            "aws iam put-role-policy --role-name lab --policy-name p --policy-document \(reading)",
            "aws iam put-role-policy --role-name lab --policy-name p --policy-document \(policy)",
            "undo | tail -1; aws iam get-role-policy --role-name lab --policy-name p --query PolicyDocument.Statement[0].Action --output text",
            "undo | tail -1; aws iam list-role-policies --role-name lab --query 'length(PolicyNames)'",
            "undo | tail -1; aws iam list-attached-role-policies --role-name lab --query 'length(AttachedPolicies)'",
            "aws iam tag-role --role-name lab --tags Key=a,Value=c Key=d,Value=e; undo | tail -1",
            "aws iam list-role-tags --role-name lab --query 'Tags[].Value' --output text",
            "aws iam delete-role --role-name lab; undo | tail -1",
            "aws iam get-role --role-name lab --query Role.AssumeRolePolicyDocument.Statement[0].Action --output text",
            "undo | tail -1; aws iam list-roles --query 'length(Roles[?RoleName==`lab`])'")
        #expect(outcome.output == "Done.\ns3:GetObject\nDone.\n0\nDone.\n0\nDone.\nb\nDone.\nsts:AssumeRole\nDone.\n0\n")
    }

    private let reading =
        #"'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'"#

    private let policy =
        #"'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'"#

    @Test func usersGroupsAndManagedPolicies() throws {
        let outcome = try run(
            try ProgramRunner(),
            "aws iam create-user --user-name ada > /dev/null; aws iam create-group --group-name team > /dev/null",
            "aws iam add-user-to-group --group-name team --user-name ada; undo | tail -1",
            "aws iam create-policy --policy-name own --policy-document \(policy) > /dev/null; undo | tail -1",
            "aws iam list-policies --scope Local --query 'length(Policies)'",
            "aws iam create-access-key --user-name ada > /dev/null; undo | tail -1",
            "aws iam list-access-keys --user-name ada --query 'length(AccessKeyMetadata)'",
            "undo | tail -1; undo | tail -1; aws iam list-users --query 'length(Users)'")
        #expect(outcome.output == "Done.\nDone.\n0\nDone.\n0\nDone.\nDone.\n1\n")
    }

    @Test func notebooksAreStoppedFirstAndTrainingStays() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        let outcome = try run(
            runner,
            "aws sagemaker create-notebook-instance --notebook-instance-name n --instance-type ml.m4.xlarge --role-arn \(role) > /dev/null",
            "aws sagemaker wait notebook-instance-in-service --notebook-instance-name n",
            "aws sagemaker stop-notebook-instance --notebook-instance-name n",
            "aws sagemaker wait notebook-instance-stopped --notebook-instance-name n; undo | tail -1",
            "aws sagemaker wait notebook-instance-in-service --notebook-instance-name n",
            "undo; aws sagemaker list-notebook-instances --query 'length(NotebookInstances[?NotebookInstanceStatus!=`Deleting`])'")
        #expect(outcome.output.contains("stops the notebook instance n\n  deletes the notebook instance n\nDone.\n0\n"))
    }

    @Test func configurationsKeepTheirModels() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        _ = try runner.aws("s3 mb s3://undo-models")
        _ = try runner.aws("s3 cp \(try runner.file("m", "x")) s3://undo-models/model.tar.gz --no-progress")
        let image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
        let outcome = try run(
            runner,
            "aws sagemaker create-model --model-name m --execution-role-arn \(role) --tags Key=a,Value=b --primary-container Image=\(image),ModelDataUrl=s3://undo-models/model.tar.gz > /dev/null",
            "aws sagemaker create-endpoint-config --endpoint-config-name c --production-variants VariantName=v,ModelName=m,InstanceType=ml.m4.xlarge,InitialInstanceCount=1 > /dev/null",
            "undo --skip > /dev/null; undo",
            "aws sagemaker delete-endpoint-config --endpoint-config-name c; undo | tail -1",
            "aws sagemaker describe-endpoint-config --endpoint-config-name c --query ProductionVariants[0].ModelName --output text",
            "aws sagemaker delete-model --model-name m; undo | tail -1; aws sagemaker describe-model --model-name m --query ModelName"
        )
        #expect(outcome.output.contains("the endpoint configuration c uses the model"))
        #expect(outcome.output.hasSuffix("Done.\nm\nDone.\n\"m\"\n"))
    }

    @Test func outsideASessionItSaysSo() throws {
        let outcome = try ProgramRunner().run(["undo"])
        #expect(outcome.status == 252)
        #expect(outcome.errors.contains("one prompt"))
    }

    @Test func whatOnlyLooksIsNoChange() {
        #expect(!UndoTable.isChange("DescribeEndpoint"))
        #expect(!UndoTable.isChange("InvokeEndpoint"))
        #expect(UndoTable.isChange("CreateTrainingJob"))
        #expect(UndoTable.isChange("PutObject"))
    }
}
